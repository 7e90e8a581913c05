#pragma once
#include <chrono>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "phiscope/base/progress.hpp"
#include "phiscope/learning/checkpoint.hpp"
#include "phiscope/learning/cube_store.hpp"
#include "phiscope/learning/lane_loader.hpp"
#include "phiscope/learning/lane_sum.hpp"
#include "phiscope/learning/normalisation.hpp"
#include "phiscope/learning/training_settings.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// What a training works on. The trainer keeps references to all of it.
struct TrainingTask {
  CubeStore& store;
  const Normalisation& normalisation;
  const DatasetSettings& dataset;
  std::vector<RunPair> train;
  std::vector<LabelledRun> validation;
};

/// Data-parallel training of a binary classifier of slices.
///
/// One optimiser step takes one micro-batch from each lane; the ranks share the lanes, and the gradients are summed
/// in a tree over lanes (LaneSum), so that the weights are bitwise the same on any number of ranks with the same
/// number of threads each. Before each validation the batch-norm statistics are measured at resting weights, over the
/// last `statistics_steps` steps of the epoch. After every epoch, every `checkpoint_minutes` and on a requested stop,
/// checkpoints/last.ckpt is written; checkpoints/best.ckpt has the lowest validation loss. run() goes on from
/// last.ckpt where there is one.
class Trainer {
 public:
  /// `network` is made for a batch of settings.micro_batch() samples. `fingerprint` names all settings that the
  /// result depends on.
  Trainer(const Communicator& ranks, TrainingTask task, TrainingSettings settings, neural::Network& network,
          std::filesystem::path run_directory, std::string fingerprint, bool show_progress);

  /// Collective. Trains to the end and leaves the best weights in the network. Throws StoppedOnRequest after a
  /// checkpoint when a stop was requested on any rank, AgreedError when the loss is not finite or a cube is bad.
  TrainingState run();

 private:
  enum class Status : std::int32_t { go_on = 0, stop = 1, failed = 2 };

  void start_or_resume();
  void train_epoch();
  void train_step(std::vector<LaneLoader>& loaders);
  void measure_statistics();
  std::vector<LaneLoader> make_loaders() const;
  std::span<const float> forward(const MicroBatch& batch);
  Status agree_on_status(const std::exception_ptr& problem) const;
  void finish_epoch();
  void share_lane_sums();
  void keep(const std::string& name);
  void record(const std::string& split, double loss, double accuracy, double samples_per_second);
  double learning_rate() const;
  std::filesystem::path checkpoint(const std::string& name) const;

  Communicator ranks_;
  TrainingTask task_;
  TrainingSettings settings_;
  neural::Network& network_;
  std::filesystem::path run_directory_;
  std::string fingerprint_;
  SliceOrder order_;
  LaneSum lane_sum_;
  LaneSum statistics_sum_;
  std::unique_ptr<neural::Optimizer> optimizer_;
  TrainingState state_;
  Progress progress_;
  MicroBatch batch_;
  std::vector<float> logit_gradient_;
  std::vector<float> mean_gradient_;
  std::chrono::steady_clock::time_point last_kept_;
};

}  // namespace phiscope
