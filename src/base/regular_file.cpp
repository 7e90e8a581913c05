#include "phiscope/base/regular_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

const char* kind_of(std::filesystem::file_type type) {
  switch (type) {
    case std::filesystem::file_type::directory:
      return "a folder";
    case std::filesystem::file_type::fifo:
      return "a pipe";
    case std::filesystem::file_type::socket:
      return "a socket";
    case std::filesystem::file_type::character:
    case std::filesystem::file_type::block:
      return "a device";
    default:
      return "not a regular file";
  }
}

[[noreturn]] void fail_absent(const std::filesystem::path& file, const std::error_code& code) {
  std::error_code ignored;
  if (std::filesystem::is_symlink(file, ignored))
    fail("{}: is a link to {}, which is not there or cannot be reached", file.string(),
         std::filesystem::read_symlink(file, ignored).string());
  const bool is_plain = !code || code == std::errc::no_such_file_or_directory;
  fail("{}: no such file{}", file.string(), is_plain ? "" : ", or not readable: " + code.message());
}

}  // namespace

std::uint64_t require_regular_file(const std::filesystem::path& file) {
  std::error_code code;
  const auto status = std::filesystem::status(file, code);
  if (!std::filesystem::exists(status)) fail_absent(file, code);
  if (!std::filesystem::is_regular_file(status))
    fail("{}: is {}, expected a regular file", file.string(), kind_of(status.type()));
  if (::access(file.c_str(), R_OK) != 0) fail("{}: cannot be read: {}", file.string(), std::strerror(errno));
  const auto bytes = std::filesystem::file_size(file, code);
  if (code) fail("{}: its size cannot be told: {}", file.string(), code.message());
  return bytes;
}

void require_regular_or_absent(const std::filesystem::path& file) {
  std::error_code code;
  const auto status = std::filesystem::status(file, code);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    fail("{}: is {}, expected a regular file or none; remove it", file.string(), kind_of(status.type()));
}

}  // namespace phiscope
