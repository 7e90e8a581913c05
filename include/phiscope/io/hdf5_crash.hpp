#pragma once
#include <time.h>

#include <filesystem>
#include <mutex>

namespace phiscope {

/// A recursive mutex that tells a signal handler whether this process is inside HDF5.
class Hdf5Mutex {
 public:
  void lock();
  void unlock();

 private:
  std::recursive_mutex mutex_;
};

/// What a crash inside HDF5 will be blamed on: the file that was opened last, or the one that is being written. Needs
/// hdf5_mutex().
enum class Hdf5Use { reading, writing };
void note_hdf5_file(const std::filesystem::path& file, Hdf5Use use = Hdf5Use::reading) noexcept;

/// While it lives, the HDF5 library may compute for a second on this thread; then it is taken to go round in
/// circles, as some damaged headers make it, and the program ends as after a crash. For what takes milliseconds:
/// opening a file or a dataset. Reading and waiting do not count. Without effect before name_file_of_hdf5_crash().
/// Needs hdf5_mutex().
class Hdf5Deadline {
 public:
  Hdf5Deadline() noexcept;
  ~Hdf5Deadline();
  Hdf5Deadline(const Hdf5Deadline&) = delete;
  Hdf5Deadline& operator=(const Hdf5Deadline&) = delete;

 private:
  timer_t timer_{};
  bool is_set_ = false;
};

/// From now on a crash inside HDF5 (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) ends the program with one line that names
/// the file, and status 1: the library (1.10.8 at least) takes much of what a file says on trust, and a damaged byte
/// can end it. A crash elsewhere goes to who handled it before. To be called once MPI has installed its own handlers;
/// `rank` among all: others leave the first rank time to speak for them, as all may read the same file.
void name_file_of_hdf5_crash(int rank);

}  // namespace phiscope
