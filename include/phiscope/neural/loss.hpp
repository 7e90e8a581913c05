#pragma once
#include <span>

namespace phiscope::neural {

/// Binary cross-entropy of logits z and targets y in [0, 1]: Σ max(z, 0) − z·y + log(1 + exp(−|z|)), which is
/// −Σ y log σ(z) + (1 − y) log(1 − σ(z)) without overflow. Returns the sum over samples, in sample order.
/// Writes (σ(z) − y)/normaliser into `gradient` unless it is empty. Throws Error when lengths differ.
double binary_cross_entropy(std::span<const float> logits, std::span<const float> targets, double normaliser,
                            std::span<float> gradient);

}  // namespace phiscope::neural
