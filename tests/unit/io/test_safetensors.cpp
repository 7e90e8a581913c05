#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>

#include "phiscope/io/file_checksum.hpp"
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

/// A file of ours as the safetensors package for Python saves it: tensors by name, metadata in another order. `change`
/// may edit the metadata; first_value is that of the first tensor.
std::string saved_again(const TemporaryFolder& folder, const std::function<void(nlohmann::ordered_json&)>& change = {},
                        float first_value = 0.25F) {
  const std::string bytes = bytes_of(folder);
  std::uint64_t length = 0;
  std::memcpy(&length, bytes.data(), sizeof(length));
  const auto old = nlohmann::ordered_json::parse(bytes.substr(8, length));
  nlohmann::ordered_json header, notes;
  for (const char* key : {"note", "contents_crc32", "epoch", "crc32", "header_crc32"})
    notes[key] = old.at("__metadata__").at(key);
  if (change) change(notes);
  if (!notes.empty()) header["__metadata__"] = notes;
  auto tensors = some_tensors();
  std::sort(tensors.begin(), tensors.end(), [](const Tensor& a, const Tensor& b) { return a.name < b.name; });
  tensors[0].values[0] = first_value;
  std::string data;
  for (const auto& tensor : tensors) {
    const std::size_t size = tensor.values.size() * sizeof(float);
    header[tensor.name] = {
        {"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {data.size(), data.size() + size}}};
    data.append(reinterpret_cast<const char*>(tensor.values.data()), size);
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return header_bytes(text, 0) + data;
}

TEST(Safetensors, AFileThatAnotherProgramSavedAgainIsTaken) {
  const TemporaryFolder folder;
  write_bytes(folder / "again.safetensors", saved_again(folder));
  const SafetensorsFile file = read_safetensors(folder / "again.safetensors");
  EXPECT_TRUE(file.saved_again);
  EXPECT_EQ(file.metadata, some_metadata);
  for (const Tensor& tensor : some_tensors()) EXPECT_EQ(file.tensor(tensor.name).values, tensor.values);
  EXPECT_FALSE(read_safetensors(folder / "m.safetensors").saved_again);
}

TEST(Safetensors, AFileThatAnotherProgramChangedIsNamedWithTheWayToTakeIt) {
  const TemporaryFolder folder;
  const auto message_of = [&](const std::string& bytes) {
    write_bytes(folder / "changed.safetensors", bytes);
    return error_of([&] { read_safetensors(folder / "changed.safetensors"); });
  };
  const std::string other_value = message_of(saved_again(folder, {}, 0.5F));
  EXPECT_TRUE(contains(other_value, "another program saved it again and changed")) << other_value;
  EXPECT_TRUE(contains(other_value, "save it without 'header_crc32'")) << other_value;
  EXPECT_TRUE(contains(message_of(saved_again(folder, [](auto& notes) { notes["epoch"] = "4"; })), "changed"));
  const auto without_checksums = [](auto& notes) {
    for (const char* key : {"header_crc32", "crc32", "contents_crc32"}) notes.erase(key);
  };
  EXPECT_EQ(message_of(saved_again(folder, without_checksums, 0.5F)), "");
}

TEST(Safetensors, OlderFilesWithTwoChecksumsAreRead) {
  const TemporaryFolder folder;
  // As release 0.1.0 wrote it.
  const std::string header = R"({"__metadata__":{"header_crc32":"HHHHHHHH","crc32":"VVVVVVVV","a":"b"},)"
                             R"("x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  std::string text = header;
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::string values(4, '\0');
  text.replace(text.find("VVVVVVVV"), 8, crc32_text(crc32_of(values)));
  std::string unset = text;
  unset.replace(unset.find("HHHHHHHH"), 8, "00000000");
  text.replace(text.find("HHHHHHHH"), 8, crc32_text(crc32_of(unset)));
  write_bytes(folder / "old.safetensors", header_bytes(text, 0) + values);
  EXPECT_EQ(read_safetensors(folder / "old.safetensors").metadata.at("a"), "b");
  write_bytes(folder / "old.safetensors", header_bytes(text, 0) + std::string("\0\0\0\1", 4));
  EXPECT_THROW((void)read_safetensors(folder / "old.safetensors"), DamagedFile);
}

TEST(Safetensors, AChangedByteIsDamageNotAnotherProgram) {
  const TemporaryFolder folder;
  const std::string whole = bytes_of(folder);
  std::size_t damaged = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    write_bytes(folder / "bad.ckpt", changed);
    const std::string message = error_of([&] { read_safetensors(folder / "bad.ckpt"); });
    damaged += contains(message, "bad.ckpt: damaged: ") ? 1U : 0U;
  }
  EXPECT_EQ(damaged, whole.size());
}

TEST(Safetensors, TheMetadataAreReadWithoutTheValues) {
  const TemporaryFolder folder;
  std::string bytes = bytes_of(folder);
  EXPECT_EQ(read_safetensors_metadata(folder / "m.safetensors"), some_metadata);
  bytes.back() ^= 1;
  write_bytes(folder / "m.safetensors", bytes);
  EXPECT_EQ(read_safetensors_metadata(folder / "m.safetensors"), some_metadata);
  bytes[bytes.find("epoch\":\"3") + 8] = '4';
  write_bytes(folder / "m.safetensors", bytes);
  EXPECT_THROW((void)read_safetensors_metadata(folder / "m.safetensors"), DamagedFile);
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
