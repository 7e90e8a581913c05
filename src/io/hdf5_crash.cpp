#include "phiscope/io/hdf5_crash.hpp"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>

namespace phiscope {
namespace {

constexpr std::array crashes{SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

thread_local int depth = 0;  ///< of the calls of hdf5_mutex().lock() by this thread
/// Written under the mutex, and read when this thread can write no more.
std::array<char, 4096> last_file{};
Hdf5Use last_use = Hdf5Use::reading;
int own_rank = 0;
std::array<struct sigaction, crashes.size()> before{};

void say(std::string_view text) noexcept {
  // What cannot be written now cannot be said at all.
  static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size()));
}

bool is_watching = false;

/// Calls nothing that a signal handler may not.
[[noreturn]] void end_with(std::string_view text) noexcept {
  if (own_rank > 0) {
    const timespec pause{3, 0};  // mpirun takes one or two to end the others
    nanosleep(&pause, nullptr);
  }
  say("phiscope: error: ");
  say({last_file.data(), std::strlen(last_file.data())});
  say(text);
  _exit(1);
}

void end_after_deadline(int) {
  end_with(": is damaged: the HDF5 library comes to no end with it; replace the file by a good copy\n");
}

/// Calls nothing that a signal handler may not.
void end_after_crash(int signal) {
  if (depth == 0) {
    const auto place = std::find(crashes.begin(), crashes.end(), signal) - crashes.begin();
    sigaction(signal, &before[static_cast<std::size_t>(place)], nullptr);
    raise(signal);
    return;
  }
  if (last_use == Hdf5Use::reading)
    end_with(": is damaged: the HDF5 library crashed while reading it; replace the file by a good copy\n");
  end_with(": cannot be written: the HDF5 library crashed; please report it, with what `phiscope doctor` says\n");
}

}  // namespace

void Hdf5Mutex::lock() {
  mutex_.lock();
  ++depth;
}

void Hdf5Mutex::unlock() {
  --depth;
  mutex_.unlock();
}

void note_hdf5_file(const std::filesystem::path& file, Hdf5Use use) noexcept {
  last_use = use;
  const std::string& name = file.native();
  const std::size_t length = std::min(name.size(), last_file.size() - 1);
  std::copy_n(name.data(), length, last_file.data());
  last_file[length] = '\0';
}

Hdf5Deadline::Hdf5Deadline() noexcept {
  if (!is_watching) return;
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGVTALRM;
  itimerspec limit{};
  limit.it_value.tv_sec = 1;
  is_set_ =
      timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &timer_) == 0 && timer_settime(timer_, 0, &limit, nullptr) == 0;
}

Hdf5Deadline::~Hdf5Deadline() {
  if (is_set_) timer_delete(timer_);
}

void name_file_of_hdf5_crash(int rank) {
  own_rank = rank;
  is_watching = true;
  // A stack of its own: the crash may be that there is none left.
  static std::array<char, 65536> stack;
  stack_t alternative{};
  alternative.ss_sp = stack.data();
  alternative.ss_size = stack.size();
  sigaltstack(&alternative, nullptr);
  struct sigaction action {};
  action.sa_handler = end_after_crash;
  action.sa_flags = SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < crashes.size(); ++i) sigaction(crashes[i], &action, &before[i]);
  action.sa_handler = end_after_deadline;
  sigaction(SIGVTALRM, &action, nullptr);
}

}  // namespace phiscope
