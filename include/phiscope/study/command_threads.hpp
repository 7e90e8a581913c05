#pragma once
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// Sets the threads of a one-off command, whose results do not depend on them: OMP_NUM_THREADS where it is set, else
/// all processors that this process may use for a single rank, and one for each of several. Says so in the log, and
/// warns when that is more than the node has.
void choose_command_threads(const Communicator& world);

}  // namespace phiscope
