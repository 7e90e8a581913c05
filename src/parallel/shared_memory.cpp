#include "phiscope/parallel/shared_memory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

[[noreturn]] void refuse(const char* call, std::size_t bytes, int code) {
  fail("{} of {} MiB of memory shared by the ranks of a host failed: {}", call, bytes >> 20U, std::strerror(code));
}

/// An open file descriptor, or −1.
class Descriptor {
 public:
  Descriptor() = default;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  void take(int opened) noexcept { value_ = opened; }
  int get() const noexcept { return value_; }

 private:
  int value_ = -1;
};

/// What a rank needs to open the first rank's file and to know that it is that one: the same process number means
/// another process in another container.
struct FileOfProcess {
  std::int64_t process = 0;
  std::int64_t descriptor = -1;
  std::int64_t device = 0;
  std::int64_t inode = 0;

  static FileOfProcess of(int descriptor) {
    struct stat about {};
    if (::fstat(descriptor, &about) != 0) return {};
    return {::getpid(), descriptor, static_cast<std::int64_t>(about.st_dev), static_cast<std::int64_t>(about.st_ino)};
  }
};

int open_file_of(const FileOfProcess& there, std::size_t bytes) {
  const std::string path = fmt::format("/proc/{}/fd/{}", there.process, there.descriptor);
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) refuse("opening", bytes, errno);
  if (static_cast<std::int64_t>(about.st_dev) != there.device || static_cast<std::int64_t>(about.st_ino) != there.inode)
    refuse("opening", bytes, ENOENT);
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (descriptor < 0) refuse("opening", bytes, errno);
  return descriptor;
}

}  // namespace

SharedMemory::SharedMemory(const Communicator& ranks, std::size_t bytes) : ranks_(ranks) {
  const std::array<std::uint64_t, 1> mine{bytes};
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::size_t total = 0;
  for (const std::size_t size : ranks.gather_all(std::span<const std::uint64_t>(mine))) {
    sizes_.push_back(size);
    offsets_.push_back(total);
    total += (size + page - 1) / page * page;
  }
  if (total == 0) return;

  Descriptor file;
  FileOfProcess first;
  together(ranks, [&] {
    if (!ranks.is_root()) return;
    file.take(::memfd_create("phiscope", MFD_CLOEXEC));
    if (file.get() < 0) refuse("making", total, errno);
    if (::ftruncate(file.get(), static_cast<off_t>(total)) != 0) refuse("sizing", total, errno);
    first = FileOfProcess::of(file.get());
  });
  std::array<std::int64_t, 4> sent{first.process, first.descriptor, first.device, first.inode};
  ranks.broadcast(std::span<std::int64_t>(sent));
  first = {sent[0], sent[1], sent[2], sent[3]};

  // The first rank's descriptor must stay open until all have opened it: together() waits for all.
  together(ranks, [&] {
    if (!ranks.is_root()) file.take(open_file_of(first, total));
    // Each rank reserves its own part, so that the pages lie in the memory of its own processor.
    const auto rank = static_cast<std::size_t>(ranks.rank());
    if (bytes > 0) {
      const int code = ::posix_fallocate(file.get(), static_cast<off_t>(offsets_[rank]), static_cast<off_t>(bytes));
      if (code != 0) refuse("reserving", bytes, code);
    }
    void* memory = ::mmap(nullptr, total, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
    if (memory == MAP_FAILED) refuse("mapping", total, errno);
    mapping_ = {static_cast<std::byte*>(memory), [total](std::byte* mapped) { ::munmap(mapped, total); }};
  });
}

void SharedMemory::meet() const {
  // MPI promises an order for messages, not for plain stores: the fences add it.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  ranks_.barrier();
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

}  // namespace phiscope
