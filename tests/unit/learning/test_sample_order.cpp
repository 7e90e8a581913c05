#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "phiscope/learning/sample_order.hpp"

namespace phiscope {
namespace {

using Key = std::tuple<int, bool, int>;

Key key_of(const Sample& s) {
  return {s.group, s.member, s.index};
}

SampleOrder make_order(bool matched, int lanes = 4, std::int64_t micro_batch = 2) {
  return SampleOrder({.seed = 5, .lanes = lanes, .micro_batch = micro_batch, .shuffle_items = 4, .matched = matched}, 6,
                     2, 24);
}

std::map<Key, int> visits(const SampleOrder& order, std::int64_t epoch, int lanes) {
  std::map<Key, int> count;
  for (int lane = 0; lane < lanes; ++lane)
    for (const auto& sample : order.lane_samples(epoch, lane)) ++count[key_of(sample)];
  return count;
}

TEST(SampleOrder, AnEpochVisitsEverySampleOnceWhenBatchesFit) {
  for (const bool matched : {false, true}) {
    const auto count = visits(make_order(matched), 0, 4);
    EXPECT_EQ(count.size(), 6U * 2 * 24);  // 288 samples = 36 steps × 4 lanes × 2
    EXPECT_TRUE(std::all_of(count.begin(), count.end(), [](const auto& item) { return item.second == 1; }));
  }
}

TEST(SampleOrder, LanesHaveEqualLengthAndNoSampleTwiceWhenTheyDoNotFit) {
  const SampleOrder order({.seed = 1, .lanes = 8, .micro_batch = 6, .shuffle_items = 2, .matched = true}, 5, 2, 21);
  EXPECT_EQ(order.steps(), 5 * 21 / 8 * 2 / 6);
  for (int lane = 0; lane < 8; ++lane)
    EXPECT_EQ(order.lane_samples(3, lane).size(), static_cast<std::size_t>(order.steps() * 6));
  const auto count = visits(order, 3, 8);
  EXPECT_EQ(order.left_out(), order.samples() - static_cast<std::int64_t>(count.size()));
  EXPECT_TRUE(std::all_of(count.begin(), count.end(), [](const auto& item) { return item.second == 1; }));
}

TEST(SampleOrder, MatchedSamplesFollowEachOther) {
  const auto samples = make_order(true).lane_samples(2, 1);
  for (std::size_t i = 0; i < samples.size(); i += 2) {
    auto newton = samples[i];
    EXPECT_EQ(newton.member, 0);
    newton.member = 1;
    EXPECT_EQ(newton, samples[i + 1]);
  }
}

TEST(SampleOrder, TheOrderDependsOnTheEpochAndTheSeedAlone) {
  const auto order = make_order(false);
  EXPECT_EQ(order.lane_samples(1, 2), make_order(false).lane_samples(1, 2));
  EXPECT_NE(order.lane_samples(1, 2), order.lane_samples(2, 2));
}

TEST(SampleOrder, ALaneNeedsFewPairs) {
  const SampleOrder order({.seed = 1, .lanes = 4, .micro_batch = 2, .shuffle_items = 4, .matched = false}, 12, 2, 24);
  for (int lane = 0; lane < 4; ++lane) {
    std::set<int> pairs;
    for (const auto& sample : order.lane_samples(0, lane)) pairs.insert(sample.group);
    EXPECT_EQ(pairs.size(), 3U);
  }
}

TEST(SampleOrder, RunsOfOneSampleEachAreVisitedOnce) {
  const SampleOrder order({.seed = 1, .lanes = 4, .micro_batch = 2, .shuffle_items = 2, .matched = true}, 12, 2, 1);
  EXPECT_EQ(order.steps(), 3);
  EXPECT_EQ(order.left_out(), 0);
  const auto count = visits(order, 0, 4);
  EXPECT_EQ(count.size(), 24U);
  EXPECT_TRUE(std::all_of(count.begin(), count.end(), [](const auto& item) { return item.second == 1; }));
}

TEST(SampleOrder, WhatDoesNotFillABatchIsAnotherPartInAnotherEpoch) {
  // Seven pairs in four lanes of one pair each: three are left out.
  const SampleOrder order({.seed = 1, .lanes = 4, .micro_batch = 2, .shuffle_items = 2, .matched = true}, 7, 2, 1);
  EXPECT_EQ(order.left_out(), 6);
  std::set<int> seen;
  for (std::int64_t epoch = 0; epoch < 20; ++epoch)
    for (const auto& [key, times] : visits(order, epoch, 4)) seen.insert(std::get<0>(key));
  EXPECT_EQ(seen.size(), 7U);
}

TEST(SampleOrder, ATrainingSetSmallerThanABatchHasNoSteps) {
  EXPECT_EQ(
      SampleOrder({.seed = 1, .lanes = 8, .micro_batch = 64, .shuffle_items = 4, .matched = true}, 1, 2, 24).steps(),
      0);
}

}  // namespace
}  // namespace phiscope
