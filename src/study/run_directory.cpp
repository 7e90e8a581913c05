#include "phiscope/study/run_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/io/pending_file.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

/// "process 1234 on node7": who holds a lock, for a message to others.
void sign(int lock) {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  const std::string text = fmt::format("process {} on {}\n", getpid(), host.data());
  // A lock that says nothing is as good a lock.
  if (ftruncate(lock, 0) != 0 || write(lock, text.data(), text.size()) < 0) return;
}

std::string signature(const std::filesystem::path& lock_file) {
  std::ifstream stream(lock_file);
  std::string line;
  std::getline(stream, line);
  return line.starts_with("process ") ? fmt::format(" ({})", line) : "";
}

}  // namespace

RunDirectory::RunDirectory(std::filesystem::path path, const Communicator& world) : path_(std::move(path)) {
  together(world, [&] {
    if (world.is_root()) create_and_lock(world.size());
  });
}

void RunDirectory::create_and_lock(int ranks) {
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
      fail("{}: another phiscope is working in this run directory{}; wait for it, or choose another with --output{}",
           path_.string(), signature(lock_file),
           ranks > 1 ? ""
                     : "; if mpirun started this program with others, each of them takes itself for the only one: that "
                       "mpirun is of another MPI than the program, take its own");
    log::warning("{}: this file system gives no locks ({}): see to it yourself that no second phiscope works here",
                 path_.string(), std::strerror(code));
    return;
  }
  sign(lock_);
  // Only the holder of the lock may: the temporaries of a program at work look the same.
  for (const auto& folder : {path_, path_ / "units", path_ / "checkpoints", path_ / "figures"})
    remove_abandoned_temporaries(folder);
}

RunDirectory::~RunDirectory() {
  if (lock_ >= 0) close(lock_);
}

}  // namespace phiscope
