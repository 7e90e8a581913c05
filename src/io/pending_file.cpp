#include "phiscope/io/pending_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "phiscope/base/error.hpp"

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

[[noreturn]] void fail_commit(const std::filesystem::path& target, const char* action, int code) {
  fail("{}: cannot be written: {} failed: {}", target.string(), action, std::strerror(code));
}

void sync(const std::filesystem::path& path, const std::filesystem::path& target, bool is_folder) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | (is_folder ? O_DIRECTORY : 0));
  if (descriptor < 0) fail_commit(target, "open", errno);
  const int code = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  // Some network file systems have no fsync for folders; the rename is then as safe as they make it.
  if (code != 0 && !(is_folder && (code == EINVAL || code == ENOTSUP))) fail_commit(target, "fsync", code);
}

}  // namespace

PendingFile::PendingFile(std::filesystem::path target)
    : target_(std::move(target)), temporary_(temporary_beside(target_)) {}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : target_(std::move(other.target_)),
      temporary_(std::exchange(other.temporary_, {})),
      committed_(other.committed_) {}

PendingFile::~PendingFile() {
  std::error_code ignored;
  if (!committed_ && !temporary_.empty()) std::filesystem::remove(temporary_, ignored);
}

void PendingFile::commit() {
  sync(temporary_, target_, false);
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) fail_commit(target_, "rename", errno);
  committed_ = true;
  sync(target_.has_parent_path() ? target_.parent_path() : std::filesystem::path("."), target_, true);
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
