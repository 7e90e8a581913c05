#pragma once
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// The elements of the arrays that the ranks bring, in rank order; numbers survive exactly, and so do paths that are
/// not UTF-8. Collective.
std::vector<nlohmann::json> gathered(const Communicator& ranks, const nlohmann::json& mine);

}  // namespace phiscope
