#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "phiscope/grid/aligned_array.hpp"
#include "phiscope/learning/lane_exchange.hpp"
#include "phiscope/learning/lane_tree.hpp"
#include "phiscope/parallel/communicator.hpp"
#include "phiscope/parallel/shared_memory.hpp"

namespace phiscope {

/// The sum of one array (the gradient arena) over all lanes, bitwise the same on any number of ranks and threads.
///
/// The order of the additions is the complete binary tree over the lanes, ((0+1)+(2+3))+((4+5)+(6+7)) for eight, and
/// does not depend on who adds. Lanes are dealt to the ranks in contiguous ranges, as evenly as possible: rank r of R
/// has lanes ⌈r·L/R⌉ … ⌈(r+1)·L/R⌉−1, none where R > L leaves it none; rank 0 always has lane 0.
///
/// The subtrees that lie within a rank are formed as its lanes arrive. Neighbouring ranks of one host keep them in
/// memory that all of them see (SharedMemory), and each adds its share of the elements. Between hosts, and where a
/// host refuses such memory, the sums travel in messages (LaneExchange).
///
/// Memory: log2 of a rank's lanes arrays of `values` floats, at least one (a few more where a range of lanes starts and
/// ends off the tree's boundaries), one more for all ranks of a host together, and up to 32 MB for messages.
class LaneSum {
 public:
  /// Collective: all ranks give the same `lanes` and `values`. Throws AgreedError unless `lanes` is a power of two.
  LaneSum(const Communicator& ranks, int lanes, std::size_t values);
  /// `host`: the ranks that share memory with this one, a part of `ranks` in the same order.
  LaneSum(const Communicator& ranks, int lanes, std::size_t values, const Communicator& host);

  /// The first lane of this rank (where it has none: where its lanes would begin).
  int first_lane() const noexcept { return first_lane_; }
  int lane_count() const noexcept { return lane_count_; }
  /// True when this rank adds together with neighbours through shared memory.
  bool shares_memory() const noexcept { return shared_.has_value(); }

  /// Starts a new sum. What finish() returned is no longer valid.
  void begin() noexcept;
  /// Where the values of the next lane may be written before they are added, which saves their copy; `values` floats on
  /// a 64-byte boundary. Empty where add() would not copy them either.
  std::span<float> place_for_next_lane() noexcept;
  /// Adds one lane: called once for each lane of this rank, in ascending order. Copies what it needs,
  /// unless that lies in place_for_next_lane().
  void add(std::span<const float> lane_values);
  /// Collective, once after the last lane of each rank: the sum over all lanes, on every rank. Valid until begin().
  std::span<const float> finish();

 private:
  /// A subtree that the ranks of a group finish together: its parts, wherever they lie, and where their sum goes.
  struct Join {
    LaneNode node;
    std::vector<LaneNodeSum> parts;
    float* sum;
  };

  Communicator group_of(const Communicator& host) const;
  void allocate();
  void plan_joins();
  bool is_one_group() const noexcept { return group_.size() == ranks_.size(); }
  float* buffer(int group_rank, std::size_t index) noexcept;
  std::span<float> result() noexcept;
  void join_share();
  void add_groups();

  Communicator ranks_;
  Communicator group_;  ///< neighbours in rank order that share memory, or this rank alone
  std::size_t values_;
  int first_lane_;
  int lane_count_;
  int added_ = 0;
  std::vector<LaneNode> nodes_;         ///< finished subtrees, left to right; node i lives in buffer i
  std::optional<SharedMemory> shared_;  ///< the buffers of each rank of a group; before those of its first, the sum
  AlignedArray<float> own_;             ///< the buffers of a rank alone; the first becomes the sum
  std::vector<Join> joins_;
  std::optional<LaneExchange> exchange_;  ///< between the first ranks of the groups
};

}  // namespace phiscope
