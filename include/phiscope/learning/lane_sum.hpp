#pragma once
#include <cstddef>
#include <span>
#include <vector>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// The sum of one array (the gradient arena) over all lanes, bitwise the same on any number of ranks.
///
/// The order of the additions is the complete binary tree over the lanes, ((0+1)+(2+3))+((4+5)+(6+7)) for eight, and
/// does not depend on who adds. Lanes are dealt to the ranks in contiguous ranges, as evenly as possible: rank r of R
/// has lanes ⌈r·L/R⌉ … ⌈(r+1)·L/R⌉−1, none where R > L leaves it none; rank 0 always has lane 0.
///
/// The subtrees that lie within a rank are formed as its lanes arrive. Where the number of ranks divides that of the
/// lanes (both are then powers of two), ranks climb the rest of the tree in pairs. Elsewhere a node that spans ranks is
/// computed by the rank that owns its left-most lane, so the sum ends on rank 0, which broadcasts it.
///
/// Memory: at most max(1, log2 L) arrays of `values` floats on one rank (a few more where a range of lanes starts and
/// ends off the tree's boundaries), and 2 MB for messages.
class LaneSum {
 public:
  /// Collective: all ranks give the same `lanes` and `values`. Throws AgreedError unless `lanes` is a power of two.
  LaneSum(const Communicator& ranks, int lanes, std::size_t values);

  /// The first lane of this rank (where it has none: where its lanes would begin).
  int first_lane() const noexcept { return first_lane_; }
  int lane_count() const noexcept { return lane_count_; }

  /// Starts a new sum. What finish() returned is no longer valid.
  void begin() noexcept;
  /// Adds one lane: called once for each lane of this rank, in ascending order. Copies what it needs.
  void add(std::span<const float> lane_values);
  /// Collective, once after the last lane of each rank: the sum over all lanes, on every rank. Valid until begin().
  std::span<const float> finish();

 private:
  /// A finished subtree: `width` lanes from `first` on.
  struct Node {
    int first;
    int width;
  };
  /// What this rank does for one node of the tree that spans ranks. `other` is a rank, or for `merge` a buffer.
  struct Step {
    enum class Kind { receive, send, merge } kind;
    std::size_t buffer;
    int other;
  };

  std::size_t push(Node lane);
  void plan_buffers();
  void plan_pairs();
  void plan_steps(int lanes);
  void take(const Step& step, std::size_t begin, std::size_t count);
  void climb_across_ranks();

  Communicator ranks_;
  std::size_t values_;
  int first_lane_;
  int lane_count_;
  bool one_node_each_;
  int added_ = 0;
  std::vector<Node> nodes_;                  ///< finished subtrees, left to right; node i lives in buffers_[i]
  std::vector<std::vector<float>> buffers_;  ///< buffers_[0] holds the result
  std::vector<Communicator> pairs_;          ///< this rank and the holder of its node's sibling, level by level
  std::vector<Step> steps_;
  std::vector<float> received_;
};

}  // namespace phiscope
