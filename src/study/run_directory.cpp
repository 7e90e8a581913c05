#include "phiscope/study/run_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/io/pending_file.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {

RunDirectory::RunDirectory(std::filesystem::path path, const Communicator& world) : path_(std::move(path)) {
  together(world, [&] {
    if (world.is_root()) create_and_lock();
  });
}

void RunDirectory::create_and_lock() {
  std::error_code problem;
  std::filesystem::create_directories(path_ / "units", problem);
  if (problem)
    fail("{}: cannot make the run directory: {}; choose another with --output", path_.string(), problem.message());
  const auto lock_file = path_ / ".lock";
  lock_ = open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0)
    fail("{}: cannot write to the run directory: {}; choose another with --output", path_.string(),
         std::strerror(errno));
  if (flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;
    close(std::exchange(lock_, -1));
    if (code == EWOULDBLOCK)
      fail("{}: another phiscope is working in this run directory; wait for it, or choose another with --output",
           path_.string());
    log::warning("{}: this file system gives no locks ({}): see to it yourself that no second phiscope works here",
                 path_.string(), std::strerror(code));
    return;
  }
  // Only the holder of the lock may: the temporaries of a program at work look the same.
  for (const auto& folder : {path_, path_ / "units", path_ / "checkpoints", path_ / "figures"})
    remove_abandoned_temporaries(folder);
}

RunDirectory::~RunDirectory() {
  if (lock_ >= 0) close(lock_);
}

}  // namespace phiscope
