#pragma once
#include <cstdint>
#include <span>

namespace phiscope::neural {

/// Training: statistics of the micro-batch in batch normalisation, dropout on.
/// Inference: running statistics, no dropout.
enum class Mode { training, inference };

/// What a forward pass needs to know besides its input.
struct Pass {
  Mode mode = Mode::inference;
  std::uint64_t seed = 0;
  std::uint64_t step = 0;
  /// One per sample of the micro-batch. Keys the dropout masks, together with seed, step and layer, so that a mask
  /// never depends on a sample's place in the batch or on the rank. Needed in training by networks with dropout.
  std::span<const std::uint64_t> sample_keys;
};

}  // namespace phiscope::neural
