#pragma once
#include <cstdint>
#include <vector>

namespace phiscope {

/// One training sample of one run of a pair.
struct Sample {
  std::int32_t pair = 0;   ///< place in the list of training pairs
  bool is_gr = false;      ///< which run of the pair
  std::int32_t index = 0;  ///< which sample of the run, see Sampler
  bool operator==(const Sample&) const = default;
};

/// The order in which one epoch visits the training samples, dealt into lanes by pair. It depends on the seed and
/// the epoch alone.
///
/// The pairs are shuffled, and each lane takes an equal stretch of their samples, so that a lane needs few cubes and
/// no sample is seen twice in an epoch (a remainder too small for a whole batch is left out; another one each epoch).
/// Within a lane, the samples of `shuffle_cubes` cubes at a time are mixed. With `matched`, the gr and the Newtonian
/// version of a sample follow each other, so that a micro-batch compares the two gravities at equal phases.
class SampleOrder {
 public:
  struct Settings {
    std::uint64_t seed = 0;
    int lanes = 8;
    std::int64_t micro_batch = 4;  ///< samples of one lane in one step; even when matched
    int shuffle_cubes = 8;
    bool matched = true;
  };

  /// `pairs` pairs of runs of `per_run` samples each.
  SampleOrder(Settings settings, std::int64_t pairs, std::int64_t per_run);

  /// Samples of the training set.
  std::int64_t samples() const noexcept { return 2 * pairs_ * per_run_; }
  /// Steps of an epoch: every lane has as many. 0 when the training set is smaller than one batch.
  std::int64_t steps() const noexcept;
  /// Samples that an epoch leaves out, because they do not fill a batch.
  std::int64_t left_out() const noexcept { return samples() - steps() * settings_.lanes * settings_.micro_batch; }

  /// The samples of `lane` in `epoch`, steps() × micro_batch of them.
  std::vector<Sample> lane_samples(std::int64_t epoch, int lane) const;

 private:
  std::int64_t sample_pairs() const noexcept { return pairs_ * per_run_; }

  Settings settings_;
  std::int64_t pairs_;
  std::int64_t per_run_;
};

}  // namespace phiscope
