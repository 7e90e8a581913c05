#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "npy_number.hpp"

namespace phiscope {

PlacedReader::PlacedReader(std::filesystem::path file)
    : file_(std::move(file)), descriptor_(::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (descriptor_ < 0) fail("{}: cannot be read: {}", file_.string(), std::strerror(errno));
}

PlacedReader::~PlacedReader() {
  ::close(descriptor_);
}

void PlacedReader::read(std::int64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t got = ::pread(descriptor_, out.data(), out.size(), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      fail("{}: reading {} bytes at {} failed: {}", file_.string(), out.size(), offset,
           got < 0 ? std::strerror(errno) : "the file ends there; was it changed?");
    out = out.subspan(static_cast<std::size_t>(got));
    offset += got;
  }
}

}  // namespace phiscope
