#include "phiscope/io/hdf5_crash.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <mutex>

#include "phiscope/io/hdf5_handle.hpp"

namespace phiscope {
namespace {

/// What happens to a program in which `signal` strikes while HDF5 reads a file, or elsewhere.
[[noreturn]] void crash(int signal, bool inside) {
  std::signal(signal, SIG_DFL);
  name_file_of_hdf5_crash(0);
  {
    const std::scoped_lock lock(hdf5_mutex());
    note_hdf5_file("some/cube.h5");
    if (inside) raise(signal);
  }
  raise(signal);
  _exit(0);
}

TEST(Hdf5CrashDeathTest, InsideHdf5NamesTheFileAndEndsWithOne) {
  for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGABRT})
    EXPECT_EXIT(crash(signal, true), testing::ExitedWithCode(1), "some/cube.h5: is damaged: the HDF5 library crashed");
}

TEST(Hdf5CrashDeathTest, ElsewhereIsNotBlamedOnTheFile) {
  EXPECT_EXIT(crash(SIGSEGV, false), testing::KilledBySignal(SIGSEGV), "");
}

[[noreturn]] void spin_in_hdf5() {
  name_file_of_hdf5_crash(0);
  const std::scoped_lock lock(hdf5_mutex());
  note_hdf5_file("some/cube.h5");
  const Hdf5Deadline deadline;
  for (volatile unsigned turns = 0;;) turns = turns + 1U;  // wraps
}

TEST(Hdf5CrashDeathTest, ALibraryThatGoesRoundInCirclesIsEnded) {
  EXPECT_EXIT(spin_in_hdf5(), testing::ExitedWithCode(1), "some/cube.h5: is damaged: the HDF5 library comes to no end");
}

TEST(Hdf5CrashDeathTest, WhileWritingIsNotBlamedOnTheFileReadLast) {
  const auto crash_while_writing = [] {
    name_file_of_hdf5_crash(0);
    const std::scoped_lock lock(hdf5_mutex());
    note_hdf5_file("some/cube.h5");
    note_hdf5_file("out/statistics.h5", Hdf5Use::writing);
    raise(SIGSEGV);
  };
  EXPECT_EXIT(crash_while_writing(), testing::ExitedWithCode(1), "out/statistics.h5: cannot be written");
}

}  // namespace
}  // namespace phiscope
