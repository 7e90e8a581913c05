#pragma once
#include <string>
#include <utility>
#include <vector>

namespace phiscope::neural {

/// How the values between the layers and their gradients are stored where that is worth it. Weights, sums and products
/// are in float in either case.
enum class Precision {
  float32,
  bfloat16  ///< half the memory, 8 significant bits
};

/// As in a study.
const std::vector<std::pair<std::string, Precision>>& precision_names();

}  // namespace phiscope::neural
