#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "phiscope/learning/lane_tree.hpp"

namespace phiscope {
namespace {

using Nodes = std::vector<LaneNode>;

TEST(LaneTree, AWholeTreeIsOneNode) {
  EXPECT_EQ(lane_nodes(0, 8), (Nodes{{0, 8}}));
}

TEST(LaneTree, ARangeOffTheBoundariesIsMadeOfTheLargestAlignedNodes) {
  EXPECT_EQ(lane_nodes(3, 3), (Nodes{{3, 1}, {4, 2}}));
  EXPECT_EQ(lane_nodes(1, 14), (Nodes{{1, 1}, {2, 2}, {4, 4}, {8, 4}, {12, 2}, {14, 1}}));
}

TEST(LaneTree, NoLanesAreNoNodes) {
  EXPECT_TRUE(lane_nodes(5, 0).empty());
}

TEST(LaneTree, EachRangeIsCoveredOnceByNodesOnTheirBoundaries) {
  for (int first = 0; first < 16; ++first) {
    for (int count = 0; first + count <= 16; ++count) {
      int next = first;
      for (const auto& node : lane_nodes(first, count)) {
        EXPECT_EQ(node.first, next);
        EXPECT_EQ(node.first % node.width, 0);
        next += node.width;
      }
      EXPECT_EQ(next, first + count);
    }
  }
}

TEST(LaneTree, PushSaysHowManySiblingsJoined) {
  Nodes nodes;
  std::vector<std::size_t> joined;
  for (int lane = 0; lane < 8; ++lane) joined.push_back(push_lane_node(nodes, {lane, 1}));
  EXPECT_EQ(joined, (std::vector<std::size_t>{0, 1, 0, 2, 0, 1, 0, 3}));
}

/// 2²⁴ + 1 is 2²⁴ in single precision, but 2²⁴ + (1 + 1) is 2²⁴ + 2: the order shows.
TEST(LaneTree, AddsPartsInTheOrderOfTheTree) {
  const std::vector<float> large{16777216.0F}, one{1.0F}, zero{0.0F};
  std::vector<float> sum(1);
  add_lane_nodes(
      std::vector<LaneNodeSum>{
          {{0, 1}, large.data()}, {{1, 1}, zero.data()}, {{2, 1}, one.data()}, {{3, 1}, one.data()}},
      sum);
  EXPECT_EQ(sum[0], 16777218.0F);
  add_lane_nodes(
      std::vector<LaneNodeSum>{
          {{0, 1}, large.data()}, {{1, 1}, one.data()}, {{2, 1}, one.data()}, {{3, 1}, zero.data()}},
      sum);
  EXPECT_EQ(sum[0], 16777216.0F);
}

TEST(LaneTree, AddsPartsOfDifferentWidths) {
  const std::vector<float> a{1.0F}, b{2.0F}, c{4.0F};
  std::vector<float> sum(1);
  add_lane_nodes(std::vector<LaneNodeSum>{{{8, 2}, a.data()}, {{10, 1}, b.data()}, {{11, 1}, c.data()}}, sum);
  EXPECT_EQ(sum[0], 7.0F);
}

TEST(LaneTree, TheSumMayReplaceAnyPart) {
  constexpr std::size_t count = 3000;
  for (std::size_t replaced = 0; replaced < 4; ++replaced) {
    std::vector<std::vector<float>> values(4, std::vector<float>(count));
    std::vector<LaneNodeSum> parts;
    for (int lane = 0; lane < 4; ++lane) {
      auto& of_lane = values[static_cast<std::size_t>(lane)];
      std::iota(of_lane.begin(), of_lane.end(), static_cast<float>(lane));
      parts.push_back({{lane, 1}, of_lane.data()});
    }
    add_lane_nodes(parts, values[replaced]);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(values[replaced][i], static_cast<float>(4 * i + 6)) << i;
  }
}

TEST(LaneTree, TheSumOfOnePartIsItsCopy) {
  const std::vector<float> values{1.0F, 2.0F};
  std::vector<float> sum(2);
  add_lane_nodes(std::vector<LaneNodeSum>{{{3, 1}, values.data()}}, sum);
  EXPECT_EQ(sum, values);
}

}  // namespace
}  // namespace phiscope
