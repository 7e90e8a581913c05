#include "stack_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "phiscope/base/error.hpp"
#include "phiscope/base/regular_file.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

void write_at(int descriptor, const std::filesystem::path& file, std::uint64_t offset, const char* bytes,
              std::size_t count) {
  while (count > 0) {
    const ssize_t done = ::pwrite(descriptor, bytes, count, static_cast<off_t>(offset));
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) fail("{}: cannot be written: {}", file.string(), std::strerror(errno));
    bytes += done;
    offset += static_cast<std::uint64_t>(done);
    count -= static_cast<std::size_t>(done);
  }
}

}  // namespace

std::string npy_float32_header(const std::vector<std::uint64_t>& shape) {
  std::string dictionary = fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}{}), }}",
                                       fmt::join(shape, ", "), shape.size() == 1 ? "," : "");
  constexpr std::size_t before = 10, alignment = 64;
  const std::size_t length = (before + dictionary.size() + 1 + alignment - 1) / alignment * alignment - before;
  dictionary.resize(length - 1, ' ');
  dictionary += '\n';
  std::string header("\x93NUMPY\x01\x00", 8);
  header += static_cast<char>(length & 0xFFU);
  header += static_cast<char>(length >> 8U);
  return header + dictionary;
}

StackFile::StackFile(const Communicator& ranks, std::filesystem::path file, const std::vector<std::uint64_t>& shape)
    : ranks_(ranks), file_(std::move(file)), temporary_(file_) {
  temporary_ += ".part";
  const std::string header = npy_float32_header(shape);
  header_ = header.size();
  entry_bytes_ = sizeof(float);
  for (std::size_t axis = 1; axis < shape.size(); ++axis) entry_bytes_ *= shape[axis];
  const auto open = [&](int flags) {
    descriptor_ = ::open(temporary_.c_str(), flags | O_CLOEXEC, 0644);
    if (descriptor_ < 0) fail("{}: cannot be written: {}", temporary_.string(), std::strerror(errno));
  };
  together(ranks_, [&] {
    if (!ranks_.is_root()) return;
    require_regular_or_absent(file_);
    if (file_.has_parent_path()) std::filesystem::create_directories(file_.parent_path());
    open(O_WRONLY | O_CREAT | O_TRUNC);
    write_at(descriptor_, file_, 0, header.data(), header.size());
  });
  together(ranks_, [&] {
    if (!ranks_.is_root()) open(O_WRONLY);
  });
}

StackFile::~StackFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  std::error_code ignored;
  if (!committed_ && ranks_.is_root()) std::filesystem::remove(temporary_, ignored);
}

void StackFile::write(std::uint64_t entry, std::span<const float> values) const {
  write_at(descriptor_, file_, header_ + entry * entry_bytes_, reinterpret_cast<const char*>(values.data()),
           values.size_bytes());
}

void StackFile::commit() {
  together(ranks_, [&] {
    if (::fsync(descriptor_) != 0) fail("{}: cannot be written: {}", file_.string(), std::strerror(errno));
  });
  together(ranks_, [&] {
    if (ranks_.is_root()) std::filesystem::rename(temporary_, file_);
  });
  committed_ = true;
}

}  // namespace phiscope
