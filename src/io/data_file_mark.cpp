#include "phiscope/io/data_file_mark.hpp"

#include <algorithm>
#include <vector>

#include "npy_number.hpp"
#include "phiscope/base/fnv1a.hpp"
#include "phiscope/base/regular_file.hpp"

namespace phiscope {

std::string data_file_mark(const std::filesystem::path& file) {
  constexpr std::uint64_t whole = std::uint64_t{16} << 20U, piece = 4096, pieces = 64;
  const std::uint64_t size = require_regular_file(file);
  const PlacedReader reader(file);
  std::string bytes(size <= whole ? size : pieces * piece, '\0');
  const auto read = [&](std::uint64_t from, std::uint64_t to, std::uint64_t count) {
    reader.read(static_cast<std::int64_t>(from), std::as_writable_bytes(std::span<char>(bytes).subspan(to, count)));
  };
  if (size <= whole)
    read(0, 0, size);
  else
    for (std::uint64_t i = 0; i < pieces; ++i) read((size - piece) * i / (pieces - 1), i * piece, piece);
  return fmt::format("{} bytes, mark {:016x}", size, fnv1a(bytes));
}

}  // namespace phiscope
