#pragma once
#include <string>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// Collective: throws AgreedError when the ranks of a node together need more memory than it has, or a rank more than
/// it is allowed (ulimit -v), before any of it is asked for: how much for what, what there is, and `advice`. `mine`:
/// bytes that this rank will need at least, at a time.
void require_memory(const Communicator& ranks, double mine, const std::string& what, const std::string& advice);

}  // namespace phiscope
