#include "phiscope/io/file_checksum.hpp"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <vector>

namespace phiscope {
namespace {

constexpr std::string_view mark = "phiscope crc32 ";
constexpr std::size_t digits = 8;
constexpr std::size_t line_length = mark.size() + digits + 1;

/// The checksum in a line of checksum_line().
std::optional<std::uint32_t> parse_line(std::string_view line) {
  if (line.size() != line_length || !line.starts_with(mark) || !line.ends_with('\n')) return std::nullopt;
  const std::string_view number = line.substr(mark.size(), digits);
  std::uint32_t checksum = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + digits, checksum, 16);
  // Written in one way only: a damaged digit must not be read as the same number.
  if (error != std::errc() || end != number.data() + digits || crc32_text(checksum) != number) return std::nullopt;
  return checksum;
}

struct OpenFile {
  std::ifstream stream;
  std::uint64_t bytes = 0;
};

OpenFile open_regular(const std::filesystem::path& file) {
  std::error_code code;
  const auto status = std::filesystem::status(file, code);
  if (!std::filesystem::exists(status)) fail("{}: no such file", file.string());
  if (!std::filesystem::is_regular_file(status))
    throw DamagedFile(fmt::format("{}: is no regular file, expected a result of phiscope", file.string()));
  OpenFile opened;
  errno = 0;
  opened.stream.open(file, std::ios::binary);
  if (!opened.stream) fail("{}: cannot be read: {}", file.string(), std::strerror(errno));
  opened.bytes = std::filesystem::file_size(file);
  return opened;
}

std::optional<std::uint32_t> checksum_at_end(OpenFile& file) {
  if (file.bytes < line_length) return std::nullopt;
  std::string line(line_length, '\0');
  file.stream.seekg(static_cast<std::streamoff>(file.bytes - line_length));
  file.stream.read(line.data(), static_cast<std::streamsize>(line.size()));
  file.stream.seekg(0);
  return file.stream ? parse_line(line) : std::nullopt;
}

}  // namespace

std::uint32_t extend_crc32(std::uint32_t before, const void* bytes, std::size_t count) noexcept {
  // zlib takes a null pointer, which an empty array has, as a wish to start anew.
  if (count == 0) return before;
  return static_cast<std::uint32_t>(crc32_z(before, static_cast<const Bytef*>(bytes), count));
}

std::uint32_t crc32_of(std::string_view bytes) noexcept {
  return extend_crc32(0, bytes.data(), bytes.size());
}

std::string crc32_text(std::uint32_t checksum) {
  return fmt::format("{:08x}", checksum);
}

std::string checksum_line(std::uint32_t checksum) {
  return fmt::format("{}{}\n", mark, crc32_text(checksum));
}

std::optional<std::uint32_t> stored_checksum(const std::filesystem::path& file) {
  OpenFile opened = open_regular(file);
  return checksum_at_end(opened);
}

std::uint32_t verify_checksum(const std::filesystem::path& file) {
  OpenFile opened = open_regular(file);
  const auto expected = checksum_at_end(opened);
  if (!expected)
    throw DamagedFile(
        fmt::format("{}: damaged, or not written by this version of phiscope: its {} bytes do not end with a checksum",
                    file.string(), opened.bytes));
  std::uint32_t found = 0;
  constexpr std::uint64_t most = std::uint64_t{1} << 20U;
  std::vector<char> block(static_cast<std::size_t>(std::min(opened.bytes, most)));
  for (std::uint64_t left = opened.bytes - line_length; left > 0;) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(left, block.size()));
    opened.stream.read(block.data(), static_cast<std::streamsize>(count));
    if (!opened.stream) fail("{}: reading failed, {} bytes before its end", file.string(), left);
    found = extend_crc32(found, block.data(), count);
    left -= count;
  }
  if (found != *expected)
    throw DamagedFile(fmt::format("{}: damaged: its bytes have checksum {}, expected {}", file.string(),
                                  crc32_text(found), crc32_text(*expected)));
  return found;
}

Hdf5Reader open_result(const std::filesystem::path& file) {
  verify_checksum(file);
  return Hdf5Reader(file);
}

}  // namespace phiscope
