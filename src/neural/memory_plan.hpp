#pragma once
#include <cstddef>
#include <vector>

#include "network_steps.hpp"

namespace phiscope::neural {

/// Where one step's layer writes the gradients of its inputs.
struct GradientPlaces {
  std::vector<std::size_t> target;  ///< per input
  std::vector<bool> adds;           ///< the target is a spare buffer, then added to what other readers left
};

/// One arena for all that a forward and a backward pass keep: values, as long as somebody reads them, and gradients,
/// from their last reader to their writer. Where the last to read a value is the first to write its gradient, and can
/// do so in place, both are one buffer.
struct MemoryPlan {
  std::vector<std::size_t> value;     ///< offset of each tensor, in floats
  std::vector<std::size_t> gradient;  ///< of each tensor
  std::vector<GradientPlaces> steps;
  std::size_t size = 0;  ///< floats in all
};

MemoryPlan plan_memory(const NetworkSteps& network);

}  // namespace phiscope::neural
