#include "phiscope/io/safetensors.hpp"

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
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/io/pending_file.hpp"

// Format: https://huggingface.co/docs/safetensors, "Format".
namespace phiscope {
namespace {

static_assert(std::endian::native == std::endian::little, "the values are written as they lie in memory");

constexpr std::size_t alignment = 8;
constexpr std::size_t longest_header = 100'000'000;  // the limit of the reference implementation
constexpr std::string_view unset_checksum = "00000000";

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 3> checksum_keys{"header_crc32", "crc32", "contents_crc32"};

std::size_t byte_count(const Tensor& tensor) {
  return tensor.values.size() * sizeof(float);
}

std::string_view bytes_of(const Tensor& tensor) {
  return {reinterpret_cast<const char*>(tensor.values.data()), byte_count(tensor)};
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

std::string values_checksum(std::span<const Tensor> tensors) {
  std::uint32_t checksum = 0;
  for (const Tensor& tensor : tensors) checksum = extend_crc32(checksum, tensor.values.data(), byte_count(tensor));
  return crc32_text(checksum);
}

/// Of all that the writer was given, whatever the order of the tensors.
std::string contents_checksum(std::span<const Tensor> tensors, const std::map<std::string, std::string>& metadata) {
  std::map<std::string, std::string> lines;
  for (const Tensor& tensor : tensors)
    lines[tensor.name] = fmt::format("[{}] {}", fmt::join(tensor.shape, ","), crc32_text(crc32_of(bytes_of(tensor))));
  return crc32_text(crc32_of(Json{{"tensors", lines}, {"metadata", metadata}}.dump()));
}

/// As the header is written: padded with spaces.
std::string header_text(const Json& header) {
  std::string text = header.dump();
  text.resize((text.size() + alignment - 1) / alignment * alignment, ' ');
  return text;
}

std::string header_of(std::span<const Tensor> tensors, const std::map<std::string, std::string>& metadata) {
  // The header's own checksum comes first, so that nothing a user names can be taken for it.
  Json header, notes;
  notes["header_crc32"] = unset_checksum;
  notes["crc32"] = values_checksum(tensors);
  auto given = metadata;
  for (const char* key : checksum_keys) given.erase(key);
  notes["contents_crc32"] = contents_checksum(tensors, given);
  for (const auto& [key, value] : given) notes[key] = value;
  header["__metadata__"] = notes;
  std::uint64_t offset = 0;
  for (const Tensor& tensor : tensors) {
    const std::uint64_t end = offset + byte_count(tensor);
    header[tensor.name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = header_text(header);
  const std::string own = crc32_text(crc32_of(text));
  return text.replace(find_own_checksum(text), own.size(), own);
}

/// How a header is laid out. Other programs sort otherwise than header_of(), so that one which differs from it in a
/// checksum's key alone is a damaged one of ours.
enum class Layout { ours, nearly_ours, other };

Layout layout_of(const Json& header, const std::string& text) {
  if (!header.contains("__metadata__") || header_text(header) != text) return Layout::other;
  std::vector<std::string> keys;
  for (const auto& [key, value] : header.at("__metadata__").items()) keys.push_back(key);
  std::size_t ours = 0, first = std::min(keys.size(), checksum_keys.size());
  for (std::size_t i = 0; i < first; ++i) ours += keys[i] == checksum_keys[i] ? 1U : 0U;
  // Older files have no contents_crc32.
  if (ours == 2 && keys[0] == checksum_keys[0] && keys[1] == checksum_keys[1]) first = 2;
  if (!std::is_sorted(keys.begin() + static_cast<std::ptrdiff_t>(first), keys.end())) return Layout::other;
  if (ours == first) return Layout::ours;
  return ours + 1 == first ? Layout::nearly_ours : Layout::other;
}

[[noreturn]] void fail_damaged(const std::filesystem::path& file, const std::string& why) {
  throw DamagedFile(fmt::format("{}: damaged: {}", file.string(), why));
}

[[noreturn]] void fail_changed(const std::filesystem::path& file) {
  fail(
      "{}: another program saved it again and changed its values, names or metadata; to take it as it is now, save it "
      "without 'header_crc32', 'crc32' and 'contents_crc32' in its metadata; to have the old one again, remove it and "
      "run the command that wrote it",
      file.string());
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

/// What is wrong with the header by its own checksum; empty when nothing is.
std::string header_problem(std::string header, const std::string& expected) {
  const std::size_t at = find_own_checksum(header);
  if (at == std::string::npos) return "its header's checksum is not where it was written";
  header.replace(at, unset_checksum.size(), unset_checksum);
  const std::string found = crc32_text(crc32_of(header));
  return found == expected ? "" : fmt::format("its header has checksum {}, expected {}", found, expected);
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

/// What the header says.
struct Header {
  std::vector<Announced> announced;
  std::map<std::string, std::string> metadata;   ///< without the checksums
  std::map<std::string, std::string> checksums;  ///< by their keys
  Layout layout = Layout::other;
  std::string problem;  ///< by its own checksum

  std::string checksum(const char* key) const {
    const auto found = checksums.find(key);
    return found == checksums.end() ? std::string() : found->second;
  }
  bool has_checksums() const { return !checksums.empty(); }
};

void verify_header(const RawFile& raw, Header& header) {
  for (const char* key : checksum_keys)
    if (auto node = header.metadata.extract(key)) header.checksums[key] = node.mapped();
  const auto own = header.checksum("header_crc32");
  if (!own.empty())
    header.problem = header_problem(raw.header, own);
  else if (header.has_checksums())
    header.problem = "its header has lost its checksum";
}

Header read_header(const std::filesystem::path& file, const RawFile& raw) {
  Header result;
  try {
    const Json header = Json::parse(raw.header);
    if (header.contains("__metadata__"))
      for (const auto& [key, value] : header.at("__metadata__").items())
        result.metadata[key] = value.get<std::string>();
    result.layout = layout_of(header, raw.header);
    verify_header(raw, result);
    if (!result.problem.empty() && result.layout == Layout::ours) fail_damaged(file, result.problem);
    result.announced = announced_tensors(file, header);
  } catch (const nlohmann::json::parse_error& problem) {
    // Its own text repeats the bytes, which may be anything.
    fail_damaged(file, fmt::format("its header is not JSON from byte {} on", problem.byte));
  } catch (const nlohmann::json::exception& problem) {
    fail_damaged(file, fmt::format("its header cannot be understood ({})", problem.what()));
  }
  return result;
}

/// Throws unless all checksums that the file carries fit, or another program changed nothing but the arrangement.
void verify(const std::filesystem::path& file, const Header& header, SafetensorsFile& content) {
  if (!header.has_checksums()) return;
  std::string problem = header.problem;
  const std::string found = values_checksum(content.tensors), expected = header.checksum("crc32");
  if (problem.empty() && found != expected)
    problem = fmt::format("its values have checksum {}, expected {}", found, expected);
  if (problem.empty()) return;
  // Where the layout is ours nobody else wrote it: an accident.
  if (header.layout == Layout::ours) fail_damaged(file, problem);
  if (contents_checksum(content.tensors, header.metadata) != header.checksum("contents_crc32")) {
    if (header.layout == Layout::nearly_ours) fail_damaged(file, problem);
    fail_changed(file);
  }
  content.saved_again = true;
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
  pending.write({reinterpret_cast<const char*>(&length), sizeof(length)});
  pending.write(header);
  for (const Tensor& tensor : tensors) pending.write(bytes_of(tensor));
  pending.commit();
}

SafetensorsFile read_safetensors(const std::filesystem::path& file) {
  RawFile raw = read_raw(file);
  Header header = read_header(file, raw);
  require_filled(file, header.announced, raw.data_bytes);
  SafetensorsFile result;
  result.metadata = header.metadata;
  for (auto& [tensor, begin, end] : header.announced) {
    tensor.values.resize((end - begin) / sizeof(float));
    raw.stream.read(reinterpret_cast<char*>(tensor.values.data()), static_cast<std::streamsize>(end - begin));
    if (!raw.stream) fail_damaged(file, fmt::format("the values of tensor '{}' cannot be read", tensor.name));
    result.tensors.push_back(std::move(tensor));
  }
  verify(file, header, result);
  return result;
}

std::map<std::string, std::string> read_safetensors_metadata(const std::filesystem::path& file) {
  const RawFile raw = read_raw(file);
  const Header header = read_header(file, raw);
  if (!header.problem.empty()) fail_damaged(file, header.problem);
  return header.metadata;
}

}  // namespace phiscope
