#include "phiscope/learning/lane_tree.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>

namespace phiscope {
namespace {

/// Elements that climb the tree at a time: their partial sums stay in the first-level cache.
constexpr std::size_t piece_values = 1024;

/// Parts that wait for their sibling: one of each width of an int, at most.
constexpr std::size_t most_waiting = 32;

bool are_siblings(const LaneNode& left, const LaneNode& right) {
  return left.width == right.width && left.first % (2 * left.width) == 0;
}

/// One piece of all parts, added from left to right as siblings become complete. A partial sum at place p of the stack
/// lies in partial[p]; the last addition goes to `sum`.
void add_piece(std::span<const LaneNodeSum> parts, std::size_t begin, std::size_t count, float* sum) {
  std::array<std::array<float, piece_values>, most_waiting> partial;
  std::array<LaneNodeSum, most_waiting> waiting;
  std::size_t depth = 0;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    LaneNodeSum top{parts[p].node, parts[p].values + begin};
    while (depth > 0 && are_siblings(waiting[depth - 1].node, top.node)) {
      const float* left = waiting[--depth].values;
      const float* right = top.values;
      float* target = p + 1 == parts.size() && depth == 0 ? sum : partial[depth].data();
#pragma omp simd
      for (std::size_t i = 0; i < count; ++i) target[i] = left[i] + right[i];
      top = {{waiting[depth].node.first, 2 * top.node.width}, target};
    }
    assert(depth < most_waiting);
    waiting[depth++] = top;
  }
  assert(depth == 1);
  if (waiting[0].values != sum) std::copy_n(waiting[0].values, count, sum);
}

}  // namespace

std::size_t push_lane_node(std::vector<LaneNode>& nodes, LaneNode node) {
  std::size_t joined = 0;
  while (!nodes.empty() && are_siblings(nodes.back(), node)) {
    node = {nodes.back().first, 2 * node.width};
    nodes.pop_back();
    ++joined;
  }
  nodes.push_back(node);
  return joined;
}

std::vector<LaneNode> lane_nodes(int first, int count) {
  std::vector<LaneNode> nodes;
  for (int lane = first; lane < first + count; ++lane) push_lane_node(nodes, {lane, 1});
  return nodes;
}

void add_lane_nodes(std::span<const LaneNodeSum> parts, std::span<float> sum) {
  const auto pieces = static_cast<std::int64_t>((sum.size() + piece_values - 1) / piece_values);
#pragma omp parallel for schedule(static)
  for (std::int64_t piece = 0; piece < pieces; ++piece) {
    const std::size_t begin = static_cast<std::size_t>(piece) * piece_values;
    add_piece(parts, begin, std::min(piece_values, sum.size() - begin), sum.data() + begin);
  }
}

}  // namespace phiscope
