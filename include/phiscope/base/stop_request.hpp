#pragma once
#include <stdexcept>

namespace phiscope {

/// Thrown, on all ranks together, once a requested stop has been honoured: a checkpoint is on disk and the same
/// command goes on from it. Ends the program with status 85.
class StoppedOnRequest : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// From now on SIGTERM, SIGINT and SIGUSR1 (SLURM's warning) ask for a stop instead of ending the process.
/// A second SIGINT ends it at once.
void catch_stop_signals();

/// True once this process was asked to stop. Other ranks may not have been: agree before acting on it.
bool stop_requested() noexcept;

/// Asks for a stop, as a signal would.
void request_stop() noexcept;

/// Forgets a request (tests).
void clear_stop_request() noexcept;

}  // namespace phiscope
