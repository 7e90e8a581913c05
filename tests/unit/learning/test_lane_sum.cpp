#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/random.hpp"
#include "phiscope/learning/lane_sum.hpp"

namespace phiscope {
namespace {

/// Magnitudes over twenty powers of two and both signs: any other order of additions gives other bits.
std::vector<float> lane_values(int lane, std::size_t count) {
  RandomStream random(RandomPurpose::shuffle, 11, static_cast<std::uint64_t>(lane));
  std::vector<float> values(count);
  for (auto& value : values)
    value = static_cast<float>(random.normal() * std::exp2(static_cast<double>(random.below(20))));
  return values;
}

/// The definition: left half plus right half.
std::vector<float> tree_sum(int first, int width, std::size_t count) {
  if (width == 1) return lane_values(first, count);
  auto left = tree_sum(first, width / 2, count);
  const auto right = tree_sum(first + width / 2, width / 2, count);
  for (std::size_t i = 0; i < count; ++i) left[i] += right[i];
  return left;
}

std::vector<float> in_a_row(int lanes, std::size_t count) {
  std::vector<float> sum(count);
  for (int lane = 0; lane < lanes; ++lane) {
    const auto values = lane_values(lane, count);
    for (std::size_t i = 0; i < count; ++i) sum[i] += values[i];
  }
  return sum;
}

bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size_bytes()) == 0;
}

std::span<const float> sum_once(LaneSum& sum, std::size_t count) {
  sum.begin();
  for (int i = 0; i < sum.lane_count(); ++i) sum.add(lane_values(sum.first_lane() + i, count));
  return sum.finish();
}

class LaneSumOverLanes : public testing::TestWithParam<int> {};

TEST_P(LaneSumOverLanes, EqualsTheSerialTreeBitForBit) {
  constexpr std::size_t count = 5000;
  LaneSum sum(Communicator::world(), GetParam(), count);
  EXPECT_TRUE(same_bits(sum_once(sum, count), tree_sum(0, GetParam(), count)));
}

TEST_P(LaneSumOverLanes, IsReusable) {
  constexpr std::size_t count = 100;
  LaneSum sum(Communicator::world(), GetParam(), count);
  sum_once(sum, count);
  EXPECT_TRUE(same_bits(sum_once(sum, count), tree_sum(0, GetParam(), count)));
}

TEST_P(LaneSumOverLanes, EachLaneBelongsToOneRankInAscendingOrder) {
  const auto world = Communicator::world();
  const LaneSum sum(world, GetParam(), 1);
  std::vector<std::int32_t> mine;
  for (int i = 0; i < sum.lane_count(); ++i) mine.push_back(sum.first_lane() + i);
  const auto all = world.gather_all(std::span<const std::int32_t>(mine));
  std::vector<std::int32_t> expected;
  for (int lane = 0; lane < GetParam(); ++lane) expected.push_back(lane);
  EXPECT_EQ(all, expected);
}

TEST_P(LaneSumOverLanes, SharesLanesAsEvenlyAsPossible) {
  const auto world = Communicator::world();
  const LaneSum sum(world, GetParam(), 1);
  EXPECT_LE(world.maximum(sum.lane_count()) - world.minimum(sum.lane_count()), 1);
}

INSTANTIATE_TEST_SUITE_P(Lanes, LaneSumOverLanes, testing::Values(1, 2, 4, 8, 16, 64));

TEST(LaneSum, ItsTestValuesTellOrdersOfAdditionApart) {
  EXPECT_FALSE(same_bits(in_a_row(8, 5000), tree_sum(0, 8, 5000)));
}

TEST(LaneSum, ArraysLongerThanAMessageEqualTheSerialTree) {
  constexpr std::size_t count = (std::size_t{2} << 20U) / sizeof(float) * 2 + 17;
  LaneSum sum(Communicator::world(), 8, count);
  EXPECT_TRUE(same_bits(sum_once(sum, count), tree_sum(0, 8, count)));
}

TEST(LaneSum, EqualsTheExactSumWhereNothingIsRounded) {
  LaneSum sum(Communicator::world(), 16, 3);
  sum.begin();
  for (int i = 0; i < sum.lane_count(); ++i) {
    const auto lane = static_cast<float>(sum.first_lane() + i);
    sum.add(std::vector<float>{lane, 1.0F, -2.0F * lane});
  }
  const auto total = sum.finish();
  EXPECT_EQ(std::vector<float>(total.begin(), total.end()), (std::vector<float>{120.0F, 16.0F, -240.0F}));
}

TEST(LaneSum, AnEmptyArrayHasAnEmptySum) {
  LaneSum sum(Communicator::world(), 4, 0);
  EXPECT_TRUE(sum_once(sum, 0).empty());
}

TEST(LaneSum, RefusesLanesThatAreNoPowerOfTwo) {
  for (const int lanes : {-8, 0, 3, 12}) EXPECT_THROW(LaneSum(Communicator::world(), lanes, 1), AgreedError) << lanes;
}

}  // namespace
}  // namespace phiscope
