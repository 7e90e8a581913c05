#pragma once
#include <string>
#include <vector>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// Has the root, which alone writes the log, say what all ranks found, in rank order. Collective.
void log_warnings(const Communicator& ranks, const std::vector<std::string>& warnings);

}  // namespace phiscope
