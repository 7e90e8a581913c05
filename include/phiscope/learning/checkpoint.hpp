#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "phiscope/neural/learning_rate_schedule.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/neural/optimizer.hpp"

namespace phiscope {

/// Where a training stands, beside the weights and the optimiser's moments: enough to go on bit for bit. Where each
/// lane stands in its samples, and every random number, follow from the settings' seed, epoch and step.
struct TrainingState {
  std::int64_t epoch = 0;  ///< the epoch to go on with
  std::int64_t step = 0;   ///< the step in it to go on with
  std::int64_t optimizer_steps = 0;
  std::vector<double> lane_loss;           ///< sums over the samples of this epoch so far, one per lane
  std::vector<std::int64_t> lane_correct;  ///< rightly classified samples of this epoch so far, one per lane
  std::optional<double> best_loss;         ///< lowest validation loss
  std::int64_t best_epoch = -1;
  neural::LearningRateSchedule::Plateau plateau;
  bool finished = false;
  int threads = 0;      ///< of each rank, and
  std::string kernels;  ///< version of oneDNN: the bits depend on both
  std::string metrics;  ///< the lines of metrics.jsonl so far
};

/// Writes weights, running statistics and state, and the optimiser's moments unless `optimizer` is null (safetensors
/// with checksums; written beside and renamed). `settings` is kept with it: the text of all settings that the result
/// depends on.
void save_checkpoint(const std::filesystem::path& file, const neural::Network& network, neural::Optimizer* optimizer,
                     const TrainingState& state, const std::string& settings);

/// Restores what save_checkpoint() wrote; with a null `optimizer` all but the moments. Throws Error when the file is
/// damaged (saying what can be done), was made with other settings (naming the first that differs), or lacks the
/// moments that are asked for.
TrainingState load_checkpoint(const std::filesystem::path& file, neural::Network& network, neural::Optimizer* optimizer,
                              const std::string& settings);

/// Throws Error saying what can be done when a checkpoint is missing or damaged. Reads all of it.
void verify_checkpoint(const std::filesystem::path& file);

/// The lines of metrics.jsonl as a checkpoint has them. Reads its header alone. Throws Error when it cannot.
std::string checkpoint_metrics(const std::filesystem::path& file);

/// Throws Error naming `what` and the first line in which two settings texts differ; does nothing when they are equal.
void check_same_settings(const std::string& what, const std::string& found, const std::string& expected);

}  // namespace phiscope
