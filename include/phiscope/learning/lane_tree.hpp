#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace phiscope {

/// A node of the complete binary tree over lanes: `width` lanes (a power of two) from `first`, a multiple of it.
struct LaneNode {
  int first = 0;
  int width = 1;
  bool operator==(const LaneNode&) const = default;
};

/// The sum over the lanes of one node, element by element.
struct LaneNodeSum {
  LaneNode node;
  const float* values = nullptr;
};

/// Puts `node` to the right of `nodes`, which it follows without a gap, and joins all siblings. Returns how many it
/// joined; the joint node is nodes.back().
std::size_t push_lane_node(std::vector<LaneNode>& nodes, LaneNode node);

/// The fewest nodes that cover the lanes first … first + count − 1, left to right.
std::vector<LaneNode> lane_nodes(int first, int count);

/// sum[i] = the sum of parts[p].values[i] over p, added as the tree does. The parts, left to right, make up one node.
/// `sum` may be the values of any part; otherwise they do not overlap. Threads share out the elements: the order of the
/// additions of one element depends on the tree alone.
void add_lane_nodes(std::span<const LaneNodeSum> parts, std::span<float> sum);

}  // namespace phiscope
