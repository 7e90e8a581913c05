#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include "phiscope/io/safetensors.hpp"
#include "temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::read_bytes;
using test::TemporaryFolder;
using test::write_bytes;

std::vector<Tensor> some_tensors() {
  return {{"second.weight", {2, 3}, {1, -2, 3.5F, 0, std::numeric_limits<float>::denorm_min(), 6}},
          {"first.bias", {2}, {0.25F, std::numeric_limits<float>::infinity()}},
          {"scalar", {}, {7}},
          {"nothing", {0, 4}, {}}};
}

const std::map<std::string, std::string> some_metadata{{"epoch", "3"}, {"note", "a \"quoted\" φ"}};

std::string bytes_of(const TemporaryFolder& folder) {
  write_safetensors(folder / "m.safetensors", some_tensors(), some_metadata);
  return read_bytes(folder / "m.safetensors");
}

std::string header_bytes(const std::string& header, std::size_t data_bytes) {
  const std::uint64_t length = header.size();
  std::string bytes(sizeof(length), '\0');
  std::memcpy(bytes.data(), &length, sizeof(length));
  return bytes + header + std::string(data_bytes, '\0');
}

TEST(Safetensors, TensorsAndMetadataComeBackInOrder) {
  const TemporaryFolder folder;
  bytes_of(folder);
  const SafetensorsFile file = read_safetensors(folder / "m.safetensors");
  const auto expected = some_tensors();
  ASSERT_EQ(file.tensors.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ(file.tensors[i].name, expected[i].name);
    EXPECT_EQ(file.tensors[i].shape, expected[i].shape);
    EXPECT_EQ(file.tensors[i].values, expected[i].values);
  }
  EXPECT_EQ(file.metadata, some_metadata);
  EXPECT_EQ(file.tensor("scalar").values[0], 7.0F);
  EXPECT_TRUE(contains(error_of([&] { file.tensor("absent"); }), "'absent'"));
}

TEST(Safetensors, LayoutIsThePublicFormat) {
  const TemporaryFolder folder;
  const std::string bytes = bytes_of(folder);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof(length));
  EXPECT_EQ(length % 8, 0U);
  const auto header = nlohmann::json::parse(bytes.substr(8, length));
  EXPECT_EQ(bytes[8], '{');
  const auto& bias = header.at("first.bias");
  EXPECT_EQ(bias.at("dtype"), "F32");
  EXPECT_EQ(bias.at("shape"), nlohmann::json({2}));
  EXPECT_EQ(bias.at("data_offsets"), nlohmann::json({24, 32}));
  EXPECT_EQ(header.at("__metadata__").at("epoch"), "3");
  float value = 0;
  std::memcpy(&value, bytes.data() + 8 + length + 24, sizeof(value));
  EXPECT_EQ(value, 0.25F);
  EXPECT_EQ(bytes.size(), 8 + length + 4 * (6 + 2 + 1));
}

TEST(Safetensors, TheSameArgumentsGiveTheSameBytes) {
  const TemporaryFolder first, second;
  EXPECT_EQ(bytes_of(first), bytes_of(second));
}

TEST(Safetensors, AnyChangedByteIsFound) {
  const TemporaryFolder folder;
  const std::string whole = bytes_of(folder);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 4);
    write_bytes(folder / "bad.ckpt", changed);
    const std::string message = error_of([&] { read_safetensors(folder / "bad.ckpt"); });
    EXPECT_TRUE(contains(message, "bad.ckpt: ")) << "byte " << i << " of " << whole.size() << ": " << message;
  }
}

TEST(Safetensors, AnyTruncationIsFound) {
  const TemporaryFolder folder;
  const std::string whole = bytes_of(folder);
  for (std::size_t length = 0; length < whole.size(); ++length) {
    write_bytes(folder / "cut.ckpt", std::string_view(whole).substr(0, length));
    const std::string message = error_of([&] { read_safetensors(folder / "cut.ckpt"); });
    EXPECT_TRUE(contains(message, "cut.ckpt: damaged: ")) << length << ": " << message;
  }
  write_bytes(folder / "long.ckpt", whole + "x");
  EXPECT_TRUE(contains(error_of([&] { read_safetensors(folder / "long.ckpt"); }), "damaged: it holds 37 bytes"));
}

TEST(Safetensors, FilesOfOtherProgramsAreReadWithoutChecksums) {
  const TemporaryFolder folder;
  write_bytes(folder / "m.safetensors", header_bytes(R"({"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},)"
                                                     R"("a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}   )",
                                                     12));
  const SafetensorsFile file = read_safetensors(folder / "m.safetensors");
  ASSERT_EQ(file.tensors.size(), 2U);
  EXPECT_EQ(file.tensors[0].name, "a");
  EXPECT_TRUE(file.metadata.empty());
}

TEST(Safetensors, HeadersThatLieAreRefused) {
  const TemporaryFolder folder;
  const auto message_for = [&](const std::string& header, std::size_t data_bytes) {
    write_bytes(folder / "m.safetensors", header_bytes(header, data_bytes));
    return error_of([&] { read_safetensors(folder / "m.safetensors"); });
  };
  EXPECT_TRUE(contains(message_for(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", 8), "tensor 'a'"));
  EXPECT_TRUE(contains(message_for(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})", 12), "tensor 'a'"));
  EXPECT_TRUE(contains(message_for(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", 8), "tensor 'a'"));
  EXPECT_TRUE(contains(message_for(R"({"a":{"dtype":"BF16","shape":[4],"data_offsets":[0,8]}})", 8), "is BF16"));
  EXPECT_TRUE(contains(message_for("[1, 2]", 0), "damaged"));
  EXPECT_TRUE(contains(message_for("{\"a\"", 0), "damaged"));
}

TEST(Safetensors, WriterRefusesWhatItCouldNotReadBack) {
  const TemporaryFolder folder;
  const auto message_for = [&](const std::vector<Tensor>& tensors) {
    return error_of([&] { write_safetensors(folder / "m.safetensors", tensors, {}); });
  };
  EXPECT_TRUE(contains(message_for({{"a", {3}, {1}}}), "tensor 'a' has 1 values for the shape [3]"));
  EXPECT_TRUE(contains(message_for({{"a", {1}, {1}}, {"a", {1}, {2}}}), "'a'"));
  EXPECT_TRUE(contains(message_for({{"", {1}, {1}}}), "''"));
  EXPECT_FALSE(std::filesystem::exists(folder / "m.safetensors"));
}

TEST(Safetensors, AFailedWriteLeavesTheOldFile) {
  const TemporaryFolder folder;
  const std::string before = bytes_of(folder);
  EXPECT_NE(error_of([&] {
              write_safetensors(folder / "m.safetensors", std::vector<Tensor>{{"a", {2}, {1}}}, {});
            }),
            "");
  EXPECT_EQ(read_bytes(folder / "m.safetensors"), before);
  EXPECT_TRUE(contains(error_of([&] { write_safetensors(folder / "m.safetensors" / "x", some_tensors(), {}); }),
                       "cannot be written"));
}

}  // namespace
}  // namespace phiscope
