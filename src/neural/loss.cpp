#include "phiscope/neural/loss.hpp"

#include <algorithm>
#include <cmath>

#include "phiscope/base/error.hpp"

namespace phiscope::neural {

double binary_cross_entropy(std::span<const float> logits, std::span<const float> targets, double normaliser,
                            std::span<float> gradient) {
  if (targets.size() != logits.size() || (!gradient.empty() && gradient.size() != logits.size())) {
    fail("{} logits, {} targets and {} gradients must be as many", logits.size(), targets.size(), gradient.size());
  }
  double sum = 0.0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const auto z = static_cast<double>(logits[i]);
    const auto y = static_cast<double>(targets[i]);
    const double small = std::exp(-std::abs(z));
    sum += std::max(z, 0.0) - z * y + std::log1p(small);
    if (gradient.empty()) continue;
    const double probability = (z >= 0.0 ? 1.0 : small) / (1.0 + small);
    gradient[i] = static_cast<float>((probability - y) / normaliser);
  }
  return sum;
}

}  // namespace phiscope::neural
