#pragma once
#include <optional>
#include <string>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// The threads that OMP_NUM_THREADS asks for, or nothing where it is not set. Throws Error where it is no such number,
/// or too large a one.
std::optional<int> threads_of_environment();

/// Throws Error, naming what asked for them, when there would be far more threads in a rank than cores in this node:
/// the system would refuse to start them, in the middle of the work.
void check_thread_count(int threads, const std::string& asked_by);

/// Sets the threads of a one-off command, whose results do not depend on them: OMP_NUM_THREADS where it is set, else
/// all processors that this process may use for a single rank, and one for each of several. Says so in the log, and
/// warns when that is more than the node has.
void choose_command_threads(const Communicator& world);

}  // namespace phiscope
