#include "npy_header.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

#include "phiscope/base/error.hpp"
#include "text_lines.hpp"

namespace phiscope {
namespace {

[[noreturn]] void fail_header(const std::filesystem::path& file, const char* what) {
  fail("{}: is not a whole .npy file: {}", file.string(), what);
}

/// The text that follows `'key':` in the dictionary.
std::string_view value_of(const std::filesystem::path& file, std::string_view dictionary, const std::string& key) {
  std::size_t at = dictionary.find("'" + key + "'");
  if (at == std::string_view::npos) fail_header(file, ("its header has no '" + key + "'").c_str());
  at = dictionary.find(':', at);
  if (at == std::string_view::npos) fail_header(file, "its header is cut short");
  return trimmed(dictionary.substr(at + 1));
}

std::vector<std::uint64_t> parse_shape(const std::filesystem::path& file, std::string_view text) {
  const std::size_t end = text.find(')');
  if (!text.starts_with('(') || end == std::string_view::npos) fail_header(file, "its shape is not a tuple");
  std::vector<std::uint64_t> shape;
  for (const std::string_view part : split(text.substr(1, end - 1), ',')) {
    if (part.empty()) continue;
    const auto extent = parse_number<std::uint64_t>(part);
    if (!extent) fail_header(file, "its shape is not made of numbers");
    shape.push_back(*extent);
  }
  return shape;
}

}  // namespace

NpyHeader read_npy_header(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) fail("{}: no such file, or not readable", file.string());
  std::array<unsigned char, 12> start{};
  const auto read = [&](unsigned char* out, std::size_t count) {
    stream.read(reinterpret_cast<char*>(out), static_cast<std::streamsize>(count));
    if (!stream) fail_header(file, "it ends inside its header");
  };
  read(start.data(), 8);
  constexpr std::array<unsigned char, 6> magic{0x93, 'N', 'U', 'M', 'P', 'Y'};
  if (!std::equal(magic.begin(), magic.end(), start.begin())) fail_header(file, "it does not begin with \\x93NUMPY");
  const unsigned version = start[6];
  if (version < 1 || version > 3) fail_header(file, "its format version is not 1, 2 or 3");
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  read(start.data() + 8, length_bytes);
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) length |= std::size_t{start[8 + i]} << (8 * i);
  constexpr std::size_t longest = std::size_t{1} << 20U;
  if (length > longest) fail_header(file, "its header says that it is longer than 1 MiB");
  std::string dictionary(length, '\0');
  read(reinterpret_cast<unsigned char*>(dictionary.data()), length);

  NpyHeader header;
  const std::string_view type = value_of(file, dictionary, "descr");
  const std::size_t end = type.find('\'', 1);
  header.type =
      type.starts_with('\'') && end != std::string_view::npos ? std::string(type.substr(1, end - 1)) : "structured";
  header.fortran_order = value_of(file, dictionary, "fortran_order").starts_with("True");
  header.shape = parse_shape(file, value_of(file, dictionary, "shape"));
  header.data_offset = static_cast<std::int64_t>(8 + length_bytes + length);
  return header;
}

}  // namespace phiscope
