#pragma once
#include <span>

namespace phiscope::neural {

/// √Σ gᵢ², added up in double in an order that does not depend on the number of threads.
double gradient_norm(std::span<const float> gradients);

}  // namespace phiscope::neural
