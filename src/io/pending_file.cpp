#include "phiscope/io/pending_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/base/regular_file.hpp"

namespace phiscope {
namespace {

constexpr const char* temporary_mark = ".phiscope-tmp-";

std::filesystem::path temporary_beside(const std::filesystem::path& target) {
  static std::atomic<unsigned> counter{0};
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  return target.parent_path() / fmt::format(".{}{}{}-{}-{}", target.filename().string(), temporary_mark, host.data(),
                                            getpid(), counter.fetch_add(1));
}

[[noreturn]] void fail_writing(const std::filesystem::path& target, const char* action, int code) {
  const bool is_full = code == ENOSPC || code == EDQUOT;
  fail("{}: cannot be written: {} failed: {}{}", target.string(), action, std::strerror(code),
       is_full ? "; make room there and run the same command again" : "");
}

void sync_folder_of(const std::filesystem::path& target) {
  const auto folder = target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECTORY);
  if (descriptor < 0) fail_writing(target, "open", errno);
  const int code = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  // Some network file systems have no fsync for folders; the rename is then as safe as they make it.
  if (code != 0 && code != EINVAL && code != ENOTSUP) fail_writing(target, "fsync", code);
}

}  // namespace

PendingFile::PendingFile(std::filesystem::path target)
    : target_(std::move(target)), temporary_(temporary_beside(target_)) {
  // A rename would put a plain file in the place of a device.
  require_regular_or_absent(target_);
}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)),
      committed_(other.committed_) {}

PendingFile::~PendingFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  std::error_code ignored;
  if (!committed_ && !temporary_.empty()) std::filesystem::remove(temporary_, ignored);
}

void PendingFile::open_temporary() {
  descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail_writing(target_, "open", errno);
}

void PendingFile::write(std::string_view bytes) {
  if (descriptor_ < 0) open_temporary();
  // Linux writes at most 2 GiB at a time, and some file systems less well than that.
  constexpr std::size_t most = std::size_t{1} << 30U;
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), std::min(bytes.size(), most));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail_writing(target_, "write", written < 0 ? errno : ENOSPC);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void PendingFile::close_temporary() {
  if (::fsync(descriptor_) != 0) fail_writing(target_, "fsync", errno);
  // A network file system may tell only now that the bytes found no place.
  if (::close(std::exchange(descriptor_, -1)) != 0) fail_writing(target_, "close", errno);
}

void PendingFile::commit() {
  if (descriptor_ < 0) open_temporary();  // of an empty file
  close_temporary();
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) fail_writing(target_, "rename", errno);
  committed_ = true;
  sync_folder_of(target_);
}

std::size_t remove_abandoned_temporaries(const std::filesystem::path& folder) {
  std::size_t removed = 0;
  std::error_code code;
  for (std::filesystem::directory_iterator at(folder, code), end; !code && at != end; at.increment(code)) {
    const std::string name = at->path().filename().string();
    if (!name.starts_with('.') || name.find(temporary_mark) == std::string::npos) continue;
    std::error_code ignored;
    if (std::filesystem::remove(at->path(), ignored)) ++removed;
  }
  return removed;
}

}  // namespace phiscope
