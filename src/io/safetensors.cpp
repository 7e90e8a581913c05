#include "phiscope/io/safetensors.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "phiscope/base/error.hpp"
#include "phiscope/base/regular_file.hpp"
#include "phiscope/io/pending_file.hpp"

// Format: https://huggingface.co/docs/safetensors, "Format".
namespace phiscope {
namespace {

static_assert(std::endian::native == std::endian::little, "the values are written as they lie in memory");

constexpr std::size_t alignment = 8;
constexpr std::size_t longest_header = 100'000'000;  // the limit of the reference implementation
constexpr std::string_view unset_checksum = "00000000";

using Json = nlohmann::ordered_json;

std::string checksum_text(uLong checksum) {
  return fmt::format("{:08x}", checksum);
}

uLong extend_checksum(uLong checksum, const void* bytes, std::size_t count) {
  // zlib takes a null pointer, which an empty tensor has, as a wish to start anew.
  return count == 0 ? checksum : crc32_z(checksum, static_cast<const Bytef*>(bytes), count);
}

std::size_t byte_count(const Tensor& tensor) {
  return tensor.values.size() * sizeof(float);
}

/// The number of values that a shape asks for.
std::uint64_t value_count(const std::vector<std::int64_t>& shape) {
  std::uint64_t count = 1;
  for (const std::int64_t extent : shape)
    if (extent < 0 || __builtin_mul_overflow(count, static_cast<std::uint64_t>(extent), &count))
      return ~std::uint64_t{0};
  return count;
}

void require_sound(const std::filesystem::path& file, std::span<const Tensor> tensors) {
  std::set<std::string> names;
  for (const Tensor& tensor : tensors) {
    if (tensor.name.empty() || tensor.name == "__metadata__" || !names.insert(tensor.name).second)
      fail("{}: a tensor's name is '{}', expected one that is not empty, reserved or taken", file.string(),
           tensor.name);
    if (value_count(tensor.shape) != tensor.values.size())
      fail("{}: tensor '{}' has {} values for the shape [{}]", file.string(), tensor.name, tensor.values.size(),
           fmt::join(tensor.shape, ", "));
  }
}

/// Where the digits of the header's own checksum stand in it, or npos.
std::size_t find_own_checksum(std::string_view header) {
  constexpr std::string_view key = R"("header_crc32":")";
  const std::size_t at = header.find(key);
  if (at == std::string_view::npos || at + key.size() + unset_checksum.size() > header.size()) return header.npos;
  return at + key.size();
}

std::string header_of(std::span<const Tensor> tensors, const std::map<std::string, std::string>& metadata) {
  // The header's own checksum comes first, so that nothing a user names can be taken for it.
  Json header, notes;
  notes["header_crc32"] = unset_checksum;
  uLong checksum = crc32_z(0, nullptr, 0);
  for (const Tensor& tensor : tensors) checksum = extend_checksum(checksum, tensor.values.data(), byte_count(tensor));
  notes["crc32"] = checksum_text(checksum);
  for (const auto& [key, value] : metadata)
    if (!notes.contains(key)) notes[key] = value;
  header["__metadata__"] = notes;
  std::uint64_t offset = 0;
  for (const Tensor& tensor : tensors) {
    const std::uint64_t end = offset + byte_count(tensor);
    header[tensor.name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header.dump();
  text.resize((text.size() + alignment - 1) / alignment * alignment, ' ');
  const std::string own = checksum_text(extend_checksum(crc32_z(0, nullptr, 0), text.data(), text.size()));
  return text.replace(find_own_checksum(text), own.size(), own);
}

[[noreturn]] void fail_damaged(const std::filesystem::path& file, const std::string& why) {
  fail("{}: damaged: {}", file.string(), why);
}

/// The header and the bytes of the values behind it.
struct RawFile {
  std::string header;
  std::uint64_t data_bytes = 0;
  std::ifstream stream;  ///< stands at the first value
};

RawFile read_raw(const std::filesystem::path& file) {
  RawFile raw;
  const std::uint64_t size = require_regular_file(file);
  raw.stream.open(file, std::ios::binary);
  if (!raw.stream) fail("{}: cannot be read", file.string());
  std::uint64_t length = 0;
  if (size < sizeof(length)) fail_damaged(file, fmt::format("it ends after {} bytes, inside its header", size));
  raw.stream.read(reinterpret_cast<char*>(&length), sizeof(length));
  if (length > longest_header || length > size - sizeof(length))
    fail_damaged(file, fmt::format("its header should take {} bytes, the file has {}", length, size));
  raw.header.resize(length);
  raw.stream.read(raw.header.data(), static_cast<std::streamsize>(length));
  if (!raw.stream) fail_damaged(file, "its header cannot be read");
  raw.data_bytes = size - sizeof(length) - length;
  return raw;
}

void verify_header_checksum(const std::filesystem::path& file, std::string header, const std::string& expected) {
  const std::size_t at = find_own_checksum(header);
  if (at == std::string::npos) fail_damaged(file, "its header's checksum is not where it was written");
  header.replace(at, unset_checksum.size(), unset_checksum);
  const std::string found = checksum_text(extend_checksum(crc32_z(0, nullptr, 0), header.data(), header.size()));
  if (found != expected) fail_damaged(file, fmt::format("its header has checksum {}, expected {}", found, expected));
}

std::string take(std::map<std::string, std::string>& metadata, const std::string& key) {
  const auto node = metadata.extract(key);
  return node.empty() ? std::string() : node.mapped();
}

/// A tensor that the header announces, and the bytes where its values lie.
struct Announced {
  Tensor tensor;
  std::uint64_t begin = 0, end = 0;
};

std::vector<Announced> announced_tensors(const std::filesystem::path& file, const Json& header) {
  std::vector<Announced> all;
  for (const auto& [name, item] : header.items()) {
    if (name == "__metadata__") continue;
    const auto type = item.at("dtype").get<std::string>();
    if (type != "F32") fail("{}: tensor '{}' is {}, expected F32", file.string(), name, type);
    // Member by member: g++ 12 destroys a nested initialiser twice when a later part of it throws.
    Announced next;
    next.tensor.name = name;
    item.at("shape").get_to(next.tensor.shape);
    item.at("data_offsets").at(0).get_to(next.begin);
    item.at("data_offsets").at(1).get_to(next.end);
    all.push_back(std::move(next));
  }
  std::stable_sort(all.begin(), all.end(), [](const Announced& a, const Announced& b) { return a.begin < b.begin; });
  return all;
}

/// The tensors must fill the data without a gap, as the format demands.
void require_filled(const std::filesystem::path& file, const std::vector<Announced>& all, std::uint64_t data_bytes) {
  std::uint64_t offset = 0;
  for (const auto& [tensor, begin, end] : all) {
    if (begin != offset || end < begin || (end - begin) % sizeof(float) != 0 ||
        value_count(tensor.shape) != (end - begin) / sizeof(float))
      fail_damaged(file, fmt::format("tensor '{}' of shape [{}] lies at bytes {} to {}", tensor.name,
                                     fmt::join(tensor.shape, ", "), begin, end));
    offset = end;
  }
  if (offset != data_bytes)
    fail_damaged(file, fmt::format("it holds {} bytes of values, its header announces {}", data_bytes, offset));
}

void read_header(const std::filesystem::path& file, const RawFile& raw, SafetensorsFile& result,
                 std::vector<Announced>& announced) {
  try {
    const Json header = Json::parse(raw.header);
    if (header.contains("__metadata__"))
      for (const auto& [key, value] : header.at("__metadata__").items())
        result.metadata[key] = value.get<std::string>();
    announced = announced_tensors(file, header);
  } catch (const nlohmann::json::exception& problem) {
    fail_damaged(file, fmt::format("its header cannot be understood ({})", problem.what()));
  }
}

}  // namespace

const Tensor& SafetensorsFile::tensor(const std::string& name) const {
  const auto found = std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& t) { return t.name == name; });
  if (found == tensors.end()) fail("the file holds no tensor '{}'", name);
  return *found;
}

void write_safetensors(const std::filesystem::path& file, std::span<const Tensor> tensors,
                       const std::map<std::string, std::string>& metadata) {
  require_sound(file, tensors);
  const std::string header = header_of(tensors, metadata);
  const std::uint64_t length = header.size();
  PendingFile pending(file);
  std::ofstream stream(pending.temporary(), std::ios::binary | std::ios::trunc);
  stream.write(reinterpret_cast<const char*>(&length), sizeof(length));
  stream.write(header.data(), static_cast<std::streamsize>(header.size()));
  for (const Tensor& tensor : tensors)
    stream.write(reinterpret_cast<const char*>(tensor.values.data()), static_cast<std::streamsize>(byte_count(tensor)));
  stream.close();
  if (!stream) fail("{}: cannot be written: is the folder there, and the disk not full?", file.string());
  pending.commit();
}

SafetensorsFile read_safetensors(const std::filesystem::path& file) {
  RawFile raw = read_raw(file);
  SafetensorsFile result;
  std::vector<Announced> announced;
  read_header(file, raw, result, announced);
  const std::string header_checksum = take(result.metadata, "header_crc32");
  const std::string values_checksum = take(result.metadata, "crc32");
  if (!header_checksum.empty())
    verify_header_checksum(file, raw.header, header_checksum);
  else if (!values_checksum.empty())
    fail_damaged(file, "its header has lost its checksum");
  require_filled(file, announced, raw.data_bytes);
  uLong checksum = crc32_z(0, nullptr, 0);
  for (auto& [tensor, begin, end] : announced) {
    tensor.values.resize((end - begin) / sizeof(float));
    raw.stream.read(reinterpret_cast<char*>(tensor.values.data()), static_cast<std::streamsize>(end - begin));
    if (!raw.stream) fail_damaged(file, fmt::format("the values of tensor '{}' cannot be read", tensor.name));
    checksum = extend_checksum(checksum, tensor.values.data(), byte_count(tensor));
    result.tensors.push_back(std::move(tensor));
  }
  if (!values_checksum.empty() && checksum_text(checksum) != values_checksum)
    fail_damaged(file,
                 fmt::format("its values have checksum {}, expected {}", checksum_text(checksum), values_checksum));
  return result;
}

}  // namespace phiscope
