#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "phiscope/learning/lane_tree.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// The sum over all lanes of arrays that lie on several ranks, by messages. Stretch by stretch of the array, each rank
/// gets its share of the elements from all others, adds it in the order of the tree, and sends the sums back: any
/// number of ranks sends about twice the array each.
class LaneExchange {
 public:
  /// Collective: `lanes` from `first_lane` on are summed on this rank. The ranks cover all lanes in ascending order.
  LaneExchange(const Communicator& ranks, int first_lane, int lanes);

  /// Collective. `nodes`: this rank's sums, those of lane_nodes(first_lane, lanes). `sum` may be one of them.
  void add(std::span<const LaneNodeSum> nodes, std::span<float> sum);

 private:
  void add_stretch(std::span<const LaneNodeSum> nodes, std::size_t begin, std::span<float> sum);

  Communicator ranks_;
  std::vector<std::vector<LaneNode>> nodes_;  ///< of each rank
  std::size_t most_nodes_ = 0;
  std::size_t share_;            ///< elements that a rank adds in one stretch
  std::vector<float> received_;  ///< shares of all foreign nodes
};

}  // namespace phiscope
