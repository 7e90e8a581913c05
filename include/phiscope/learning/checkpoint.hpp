#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "phiscope/neural/network.hpp"
#include "phiscope/neural/optimizer.hpp"

namespace phiscope {

/// Where a training stands, beside the weights and the optimiser's moments: enough to go on bit for bit.
struct TrainingState {
  std::int64_t epoch = 0;  ///< the epoch to go on with
  std::int64_t step = 0;   ///< the step in it to go on with
  std::int64_t optimizer_steps = 0;
  std::vector<double> lane_loss;           ///< sums over the samples of this epoch so far, one per lane
  std::vector<std::int64_t> lane_correct;  ///< rightly classified samples of this epoch so far, one per lane
  std::optional<double> best_loss;         ///< lowest validation loss
  std::int64_t best_epoch = -1;
  bool finished = false;
  int threads = 0;      ///< of each rank, and
  std::string kernels;  ///< version of oneDNN: the bits depend on both
  std::string metrics;  ///< the lines of metrics.jsonl so far
};

/// Writes weights, running statistics, moments and state (safetensors with a checksum; written beside and renamed).
/// `settings` is kept with it: the text of all settings that the result depends on.
void save_checkpoint(const std::filesystem::path& file, const neural::Network& network, neural::Optimizer& optimizer,
                     const TrainingState& state, const std::string& settings);

/// Restores what save_checkpoint() wrote. Throws Error when the file is damaged, or was made with other settings
/// (naming the first that differs).
TrainingState load_checkpoint(const std::filesystem::path& file, neural::Network& network, neural::Optimizer& optimizer,
                              const std::string& settings);

/// Throws Error naming `what` and the first line in which two settings texts differ; does nothing when they are equal.
void check_same_settings(const std::string& what, const std::string& found, const std::string& expected);

}  // namespace phiscope
