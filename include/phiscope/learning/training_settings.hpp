#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "phiscope/neural/optimizer.hpp"

namespace phiscope {

/// How the learning rate goes on from its first value.
enum class Schedule { constant, cosine };

const std::vector<std::pair<std::string, Schedule>>& schedule_names();

struct TrainingSettings {
  std::int64_t epochs = 20;
  std::int64_t batch = 64;  ///< samples of one optimiser step: lanes × micro-batch
  int lanes = 8;
  std::uint64_t seed = 1;
  std::int64_t patience = 0;  ///< epochs without a better validation loss before stopping; 0: never stop early
  /// Steps, with the weights at rest, over which the batch-norm statistics are measured before each validation.
  std::int64_t statistics_steps = 32;
  double checkpoint_minutes = 10.0;  ///< between checkpoints inside an epoch
  Schedule schedule = Schedule::constant;
  neural::OptimizerSettings optimizer{.name = "adam", .learning_rate = 1e-3};

  std::int64_t micro_batch() const noexcept { return batch / lanes; }
};

/// Throws Error unless lanes is a power of two and batch a multiple of it (of twice it for matched slices).
void check_training_settings(const TrainingSettings& settings, bool matched);

}  // namespace phiscope
