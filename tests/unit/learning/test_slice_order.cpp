#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "phiscope/learning/slice_order.hpp"

namespace phiscope {
namespace {

using Key = std::tuple<int, bool, int, int>;

Key key_of(const SliceSample& s) {
  return {s.pair, s.is_gr, s.axis, s.index};
}

SliceOrder make_order(bool matched, int lanes = 4, std::int64_t micro_batch = 2) {
  return SliceOrder({.seed = 5, .lanes = lanes, .micro_batch = micro_batch, .shuffle_cubes = 4, .matched = matched}, 6,
                    8);
}

std::map<Key, int> visits(const SliceOrder& order, std::int64_t epoch, int lanes) {
  std::map<Key, int> count;
  for (int lane = 0; lane < lanes; ++lane)
    for (const auto& sample : order.lane_samples(epoch, lane)) ++count[key_of(sample)];
  return count;
}

TEST(SliceOrder, AnEpochVisitsEverySliceOnceWhenBatchesFit) {
  for (const bool matched : {false, true}) {
    const auto count = visits(make_order(matched), 0, 4);
    EXPECT_EQ(count.size(), 6U * 2 * 3 * 8);  // 288 slices = 36 steps × 4 lanes × 2
    EXPECT_TRUE(std::all_of(count.begin(), count.end(), [](const auto& item) { return item.second == 1; }));
  }
}

TEST(SliceOrder, LanesHaveEqualLengthAndNoSliceTwiceWhenTheyDoNotFit) {
  const SliceOrder order({.seed = 1, .lanes = 8, .micro_batch = 6, .shuffle_cubes = 2, .matched = true}, 5, 7);
  EXPECT_EQ(order.steps(), 5 * 3 * 7 / 8 * 2 / 6);
  for (int lane = 0; lane < 8; ++lane)
    EXPECT_EQ(order.lane_samples(3, lane).size(), static_cast<std::size_t>(order.steps() * 6));
  const auto count = visits(order, 3, 8);
  EXPECT_TRUE(std::all_of(count.begin(), count.end(), [](const auto& item) { return item.second == 1; }));
}

TEST(SliceOrder, MatchedSlicesFollowEachOther) {
  const auto samples = make_order(true).lane_samples(2, 1);
  for (std::size_t i = 0; i < samples.size(); i += 2) {
    auto newton = samples[i];
    EXPECT_FALSE(newton.is_gr);
    newton.is_gr = true;
    EXPECT_EQ(newton, samples[i + 1]);
  }
}

TEST(SliceOrder, TheOrderDependsOnTheEpochAndTheSeedAlone) {
  const auto order = make_order(false);
  EXPECT_EQ(order.lane_samples(1, 2), make_order(false).lane_samples(1, 2));
  EXPECT_NE(order.lane_samples(1, 2), order.lane_samples(2, 2));
}

TEST(SliceOrder, ALaneNeedsFewPairs) {
  const SliceOrder order({.seed = 1, .lanes = 4, .micro_batch = 2, .shuffle_cubes = 4, .matched = false}, 12, 8);
  for (int lane = 0; lane < 4; ++lane) {
    std::set<int> pairs;
    for (const auto& sample : order.lane_samples(0, lane)) pairs.insert(sample.pair);
    EXPECT_EQ(pairs.size(), 3U);
  }
}

TEST(SliceOrder, ATrainingSetSmallerThanABatchHasNoSteps) {
  EXPECT_EQ(SliceOrder({.seed = 1, .lanes = 8, .micro_batch = 64, .shuffle_cubes = 4, .matched = true}, 1, 8).steps(),
            0);
}

}  // namespace
}  // namespace phiscope
