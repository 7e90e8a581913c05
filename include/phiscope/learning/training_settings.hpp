#pragma once
#include <cstdint>

#include "phiscope/neural/learning_rate_schedule.hpp"
#include "phiscope/neural/loss.hpp"
#include "phiscope/neural/optimizer.hpp"
#include "phiscope/neural/precision.hpp"

namespace phiscope {

struct TrainingSettings {
  std::int64_t epochs = 20;
  std::int64_t batch = 64;  ///< samples of one optimiser step: lanes × micro-batch
  int lanes = 8;
  std::uint64_t seed = 1;
  std::int64_t patience = 0;  ///< epochs without a better validation loss before stopping; 0: never stop early
  /// Steps, with the weights at rest, over which the batch-norm statistics are measured before each validation.
  std::int64_t statistics_steps = 32;
  double checkpoint_minutes = 10.0;  ///< between checkpoints inside an epoch
  std::int64_t keep_every = 0;       ///< epochs between checkpoints that are kept for good; 0: none
  double lag_seconds = 30.0;         ///< a rank that others wait for longer than this is named in the log; 0: none
  neural::Precision precision = neural::Precision::float32;
  /// Largest norm of the mean gradient: a longer one is scaled down to it; 0: no limit.
  double clip_norm = 0.0;
  neural::LossSettings loss;
  neural::ScheduleSettings schedule;
  neural::OptimizerSettings optimizer{.name = "adam", .learning_rate = 1e-3};

  std::int64_t micro_batch() const noexcept { return batch / lanes; }
};

/// Throws Error unless lanes is a power of two and batch a multiple of it (times the members of a group whose versions
/// of a sample stay in one micro-batch), and loss, optimiser and schedule have a meaning. A loss called "auto" is not
/// looked at.
void check_training_settings(const TrainingSettings& settings, std::int64_t matched_members = 1);

}  // namespace phiscope
