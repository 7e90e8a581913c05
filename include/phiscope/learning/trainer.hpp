#pragma once
#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/progress.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/data/item_store.hpp"
#include "phiscope/data/normalisation.hpp"
#include "phiscope/learning/checkpoint.hpp"
#include "phiscope/learning/lane_loader.hpp"
#include "phiscope/learning/lane_sum.hpp"
#include "phiscope/learning/training_settings.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/parallel/communicator.hpp"
#include "phiscope/parallel/lag_watch.hpp"

namespace phiscope {

/// The loss or its gradient is not finite any more: training on would come to nothing.
class Diverged : public AgreedError {
 public:
  Diverged(std::int64_t epochs, const std::string& message) : AgreedError(message), epochs_(epochs) {}
  /// Epochs that were finished before.
  std::int64_t epochs() const noexcept { return epochs_; }

 private:
  std::int64_t epochs_;
};

/// What a training works on. The trainer keeps references to all of it.
struct TrainingTask {
  ItemStore& store;
  const Normalisation& normalisation;
  const Sampler& sampler;
  const DatasetSettings& dataset;
  const Targets& targets;
  std::vector<ItemGroup> train;  ///< all with as many members
  std::vector<Item> validation;
  /// Whether this rank is to stop after its present step. Asked on every rank in every step.
  std::function<bool()> asked_to_stop = stop_requested;
};

/// Data-parallel training of a network with any loss that its outputs and the targets fit (see neural::Loss).
///
/// One optimiser step takes one micro-batch from each lane; the ranks share the lanes, and the gradients are summed
/// in a tree over lanes (LaneSum), so that the weights are bitwise the same on any number of ranks with the same
/// number of threads each. Before each validation the batch-norm statistics are measured at resting weights, over the
/// last `statistics_steps` steps of the epoch. After every epoch, every `checkpoint_minutes` and on a requested stop,
/// checkpoints/last.ckpt is written; checkpoints/best.ckpt has the weights of the lowest validation loss, and
/// checkpoints/epoch_NNNN.ckpt is what last.ckpt was after each `keep_every` epochs. run() goes on from last.ckpt where
/// there is one.
class Trainer {
 public:
  /// `network` is made for a batch of settings.micro_batch() samples. `fingerprint` names all settings that the
  /// result depends on. Throws AgreedError when the loss does not fit the network, or a batch is larger than the
  /// training set.
  Trainer(const Communicator& ranks, TrainingTask task, TrainingSettings settings, neural::Network& network,
          std::filesystem::path run_directory, std::string fingerprint, bool show_progress);

  /// Collective. Trains to the end, or to the end of epoch `last_epoch` (counted from 1) of the same training: the
  /// schedule is that of all epochs, and another call with the same run directory goes on. Leaves the best weights so
  /// far in the network. Throws StoppedOnRequest after a checkpoint when a stop was requested on any rank, Diverged
  /// when the loss is not finite, AgreedError when a cube is bad.
  TrainingState run(std::optional<std::int64_t> last_epoch = std::nullopt);

 private:
  enum class Status : std::int32_t { go_on = 0, stop = 1, diverged = 2, failed = 3 };
  /// How well the network does on `samples` samples. Accuracy where the loss classifies; the output where all samples
  /// got the same.
  struct Score {
    double loss = 0.0;
    std::optional<double> accuracy;
    std::optional<float> same_output;
    double samples = 0.0;
  };

  void start_or_resume();
  void train_epoch();
  void add_lanes(std::vector<LaneLoader>& loaders);
  void step_downhill(std::span<const float> gradient_sum);
  Score training_score() const;
  Score validate();
  void measure_statistics();
  std::vector<LaneLoader> make_loaders() const;
  std::span<const float> forward(const MicroBatch& batch);
  Status agree_on_status(const std::exception_ptr& problem);
  static Status kind_of(const std::exception_ptr& problem);
  void finish_epoch();
  void share_lane_sums();
  enum class Kept { all, weights };
  void keep(const std::string& name, Kept what = Kept::all);
  void warn_of_same_output(const Score& score);
  void record(const std::string& split, const Score& score, double seconds);
  std::int64_t steps_done() const { return state_.epoch * order_.steps() + state_.step; }
  std::filesystem::path checkpoint(const std::string& name) const;

  Communicator ranks_;
  TrainingTask task_;
  TrainingSettings settings_;
  neural::Network& network_;
  std::filesystem::path run_directory_;
  std::string fingerprint_;
  SampleOrder order_;
  LaneSum lane_sum_;
  LaneSum statistics_sum_;
  LagWatch lag_watch_;
  std::unique_ptr<neural::Loss> loss_;
  neural::LearningRateSchedule schedule_;
  std::unique_ptr<neural::Optimizer> optimizer_;
  TrainingState state_;
  Progress progress_;
  bool gave_same_output_ = false;  ///< in the epoch before: said once
  MicroBatch batch_;
  std::vector<float> output_gradient_;
  std::chrono::steady_clock::time_point last_kept_;
};

}  // namespace phiscope
