#include "phiscope/base/stop_request.hpp"

#include <csignal>

namespace phiscope {
namespace {

volatile std::sig_atomic_t requested = 0;

void on_signal(int signal) {
  if (signal == SIGINT && requested != 0) {
    std::signal(SIGINT, SIG_DFL);
    std::raise(SIGINT);
  }
  requested = 1;
}

}  // namespace

void catch_stop_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaction(signal, &action, nullptr);
}

bool stop_requested() noexcept {
  return requested != 0;
}
void request_stop() noexcept {
  requested = 1;
}
void clear_stop_request() noexcept {
  requested = 0;
}

}  // namespace phiscope
