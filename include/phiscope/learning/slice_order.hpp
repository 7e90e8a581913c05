#pragma once
#include <cstdint>
#include <vector>

namespace phiscope {

/// One training sample: a slice of one run of a pair.
struct SliceSample {
  std::int32_t pair = 0;   ///< place in the list of training pairs
  bool is_gr = false;      ///< which run of the pair
  std::int32_t axis = 0;   ///< data axis that is cut: 0 (z), 1 (y), 2 (x)
  std::int32_t index = 0;  ///< which slice along it
  bool operator==(const SliceSample&) const = default;
};

/// The order in which one epoch visits the training slices, dealt into lanes by pair. It depends on the seed and
/// the epoch alone.
///
/// The pairs are shuffled, and each lane takes an equal stretch of their slices, so that a lane needs few cubes and
/// no slice is seen twice in an epoch (a remainder too small for a whole batch is left out; another one each epoch).
/// Within a lane, the slices of `shuffle_cubes` cubes at a time are mixed. With `matched`, the gr and the Newtonian
/// version of a slice follow each other, so that a micro-batch compares the two gravities at equal phases.
class SliceOrder {
 public:
  struct Settings {
    std::uint64_t seed = 0;
    int lanes = 8;
    std::int64_t micro_batch = 4;  ///< samples of one lane in one step; even when matched
    int shuffle_cubes = 8;
    bool matched = true;
  };

  /// `pairs` pairs of cubes of n³ cells: pairs × 2 × 3n slices.
  SliceOrder(Settings settings, std::int64_t pairs, std::int64_t n);

  /// Steps of an epoch: every lane has as many. 0 when the training set is smaller than one batch.
  std::int64_t steps() const noexcept;

  /// The samples of `lane` in `epoch`, steps() × micro_batch of them.
  std::vector<SliceSample> lane_samples(std::int64_t epoch, int lane) const;

 private:
  std::int64_t slice_pairs() const noexcept { return pairs_ * 3 * n_; }

  Settings settings_;
  std::int64_t pairs_;
  std::int64_t n_;
};

}  // namespace phiscope
