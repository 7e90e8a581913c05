#include "phiscope/io/atomic_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "phiscope/base/error.hpp"
#include "phiscope/base/regular_file.hpp"
#include "phiscope/io/pending_file.hpp"

namespace phiscope {

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  PendingFile pending(path);
  pending.write(bytes);
  pending.commit();
}

std::string read_text_file(const std::filesystem::path& path, std::uint64_t most) {
  const std::uint64_t size = require_regular_file(path);
  if (size > most) fail("{}: has {} bytes, expected at most {} for a text of this kind", path.string(), size, most);
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) fail("{}: cannot be read: {}", path.string(), errno != 0 ? std::strerror(errno) : "no such file");
  try {
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  } catch (const std::ios_base::failure&) {
    fail("{}: reading it failed: {}", path.string(), std::strerror(errno));
  }
}

}  // namespace phiscope
