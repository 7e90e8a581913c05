#include "phiscope/io/atomic_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "phiscope/base/error.hpp"
#include "phiscope/io/pending_file.hpp"

namespace phiscope {

void write_file_atomically(const std::filesystem::path& path, std::string_view bytes) {
  PendingFile pending(path);
  pending.write(bytes);
  pending.commit();
}

std::string read_text_file(const std::filesystem::path& path) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) fail("{}: is a folder, expected a file", path.string());
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) fail("{}: cannot be read: {}", path.string(), errno != 0 ? std::strerror(errno) : "no such file");
  std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  if (stream.bad()) fail("{}: reading failed after {} bytes", path.string(), bytes.size());
  return bytes;
}

}  // namespace phiscope
