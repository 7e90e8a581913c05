#pragma once
#include <cstdint>
#include <vector>

namespace phiscope {

/// One training sample of one item.
struct Sample {
  std::int32_t group = 0;   ///< place in the list of training groups
  std::int32_t member = 0;  ///< which item of the group
  std::int32_t index = 0;   ///< which sample of the item, see Sampler
  bool operator==(const Sample&) const = default;
};

/// The order in which one epoch visits the training samples, dealt into lanes by group. It depends on the seed and
/// the epoch alone.
///
/// The groups are shuffled, and each lane takes an equal stretch of their samples, so that a lane needs few items and
/// no sample is seen twice in an epoch (a remainder too small for a whole batch is left out; another one each epoch).
/// Within a lane, the samples of `shuffle_items` items at a time are mixed. With `matched`, the versions of a sample in
/// all members of its group follow each other, so that a micro-batch compares, say, two gravities at equal phases.
class SampleOrder {
 public:
  struct Settings {
    std::uint64_t seed = 0;
    int lanes = 8;
    std::int64_t micro_batch = 4;  ///< samples of one lane in one step; a multiple of the members when matched
    int shuffle_items = 8;
    bool matched = true;
  };

  /// `groups` groups of `members` items of `per_item` samples each.
  SampleOrder(Settings settings, std::int64_t groups, int members, std::int64_t per_item);

  /// Samples of the training set.
  std::int64_t samples() const noexcept { return members_ * groups_ * per_item_; }
  /// Steps of an epoch: every lane has as many. 0 when the training set is smaller than one batch.
  std::int64_t steps() const noexcept;
  /// Samples that an epoch leaves out, because they do not fill a batch.
  std::int64_t left_out() const noexcept { return samples() - steps() * settings_.lanes * settings_.micro_batch; }

  /// The samples of `lane` in `epoch`, steps() × micro_batch of them.
  std::vector<Sample> lane_samples(std::int64_t epoch, int lane) const;

 private:
  /// Samples of one member of all groups.
  std::int64_t of_a_member() const noexcept { return groups_ * per_item_; }

  Settings settings_;
  std::int64_t groups_;
  int members_;
  std::int64_t per_item_;
};

}  // namespace phiscope
