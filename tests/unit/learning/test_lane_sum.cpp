#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "../parallel/file_size_limit.hpp"
#include "../parallel/logged.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/learning/lane_sum.hpp"

namespace phiscope {
namespace {

/// Magnitudes over twenty powers of two and both signs: any other order of additions gives other bits.
std::vector<float> lane_values(int lane, std::size_t count) {
  std::vector<float> values(count);
  std::minstd_rand random(static_cast<unsigned>(lane) + 1);
  for (auto& value : values) {
    const auto bits = static_cast<std::uint32_t>(random());
    value = std::ldexp(static_cast<float>(bits & 0xffffffU) - 8388607.5F, static_cast<int>(bits >> 24U) % 20);
  }
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

/// A way to deal the ranks to hosts, whatever machines they really are on.
struct Hosts {
  const char* name;
  int (*of_rank)(int rank);
};

const Hosts hosts[] = {
    {"OneHost", [](int) { return 0; }},
    {"AHostEach", [](int rank) { return rank; }},
    {"PairsOfRanks", [](int rank) { return rank / 2; }},
    {"OneThenTheRest", [](int rank) { return rank == 0 ? 0 : 1; }},
    {"Alternating", [](int rank) { return rank % 2; }},
};

class LaneSumOverLanes : public testing::TestWithParam<int> {};
class LaneSumOverHosts : public testing::TestWithParam<std::tuple<int, Hosts>> {
 protected:
  int lanes() const { return std::get<0>(GetParam()); }
  LaneSum make(std::size_t count) const {
    const auto world = Communicator::world();
    return {world, lanes(), count, world.split(std::get<1>(GetParam()).of_rank(world.rank()))};
  }
};

TEST_P(LaneSumOverHosts, EqualsTheSerialTreeBitForBit) {
  for (const std::size_t count : {1, 1024, 5000}) {
    auto sum = make(count);
    EXPECT_TRUE(same_bits(sum_once(sum, count), tree_sum(0, lanes(), count))) << count << " values";
  }
}

TEST_P(LaneSumOverHosts, IsReusable) {
  constexpr std::size_t count = 100;
  auto sum = make(count);
  for (int round = 0; round < 3; ++round)
    EXPECT_TRUE(same_bits(sum_once(sum, count), tree_sum(0, lanes(), count))) << "round " << round;
}

TEST_P(LaneSumOverHosts, AnEmptyArrayHasAnEmptySum) {
  auto sum = make(0);
  EXPECT_TRUE(sum_once(sum, 0).empty());
}

INSTANTIATE_TEST_SUITE_P(LaneSum, LaneSumOverHosts,
                         testing::Combine(testing::Values(1, 2, 8, 64), testing::ValuesIn(hosts)),
                         [](const auto& test) {
                           return std::get<1>(test.param).name + std::to_string(std::get<0>(test.param)) + "Lanes";
                         });

TEST(LaneSum, LongArraysEqualTheSerialTreeOnAnyHosts) {
  // More than a stretch of messages: 2 MB for each of four hosts.
  constexpr std::size_t count = (std::size_t{2} << 20U) / sizeof(float) * 4 + 17;
  const auto world = Communicator::world();
  const auto expected = tree_sum(0, 8, count);
  for (const auto& [name, of_rank] : hosts) {
    LaneSum sum(world, 8, count, world.split(of_rank(world.rank())));
    EXPECT_TRUE(same_bits(sum_once(sum, count), expected)) << name;
  }
}

TEST_P(LaneSumOverHosts, TakesLanesFromThePlacesThatItOffers) {
  constexpr std::size_t count = 5000;
  auto sum = make(count);
  sum.begin();
  for (int i = 0; i < sum.lane_count(); ++i) {
    const auto values = lane_values(sum.first_lane() + i, count);
    const auto place = sum.place_for_next_lane();
    std::copy_n(values.begin(), place.size(), place.begin());
    sum.add(place.empty() ? std::span<const float>(values) : place);
  }
  EXPECT_TRUE(sum.place_for_next_lane().empty());
  EXPECT_TRUE(same_bits(sum.finish(), tree_sum(0, lanes(), count)));
}

TEST(LaneSum, OffersAPlaceForEachLaneThatIsNotAddedAtOnce) {
  LaneSum sum(Communicator::self(), 8, 10);
  std::vector<std::size_t> sizes;
  for (int lane = 0; lane < 8; ++lane) {
    sizes.push_back(sum.place_for_next_lane().size());
    sum.add(std::vector<float>(10));
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{10, 0, 10, 0, 10, 0, 10, 0}));
}

TEST(LaneSum, DoesNotDependOnTheNumberOfThreads) {
  constexpr std::size_t count = 50000;
  const auto expected = tree_sum(0, 8, count);
  const int before = omp_get_max_threads();
  for (const int threads : {1, 2, 3}) {
    omp_set_num_threads(threads);
    LaneSum sum(Communicator::world(), 8, count);
    EXPECT_TRUE(same_bits(sum_once(sum, count), expected)) << threads << " threads";
  }
  omp_set_num_threads(before);
}

TEST(LaneSum, RanksOfOneHostShareMemory) {
  const auto world = Communicator::world();
  EXPECT_EQ(LaneSum(world, 8, 100).shares_memory(), world.size() > 1);
  EXPECT_FALSE(LaneSum(world, 8, 100, Communicator::self()).shares_memory());
}

TEST(LaneSum, IsRightWhereTheHostRefusesSharedMemoryAndSaysSoOnce) {
  constexpr std::size_t count = 5000;
  const auto world = Communicator::world();
  std::optional<LaneSum> sum;
  const auto text = testing_log::logged(world, [&] {
    const testing_limit::FileSizeLimit limit;
    sum.emplace(world, 8, count);
  });
  EXPECT_FALSE(sum->shares_memory());
  EXPECT_TRUE(same_bits(sum_once(*sum, count), tree_sum(0, 8, count)));
  const std::string warning = "gradients go in messages instead";
  EXPECT_EQ(text.find(warning) != std::string::npos, world.size() > 1) << text;
  EXPECT_EQ(text.find(warning), text.rfind(warning)) << text;
}

TEST(LaneSum, KeepsTheSumOfARankThatLagsWhileOthersAddTheNextLanes) {
  constexpr std::size_t count = 5000;
  const auto world = Communicator::world();
  LaneSum sum(world, 8, count);
  for (int round = 0; round < world.size(); ++round) {
    const auto total = sum_once(sum, count);
    // What is added next is on its way into the buffers when the late rank looks.
    if (round == world.rank()) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    EXPECT_TRUE(same_bits(total, tree_sum(0, 8, count))) << "round " << round;
    sum.begin();
    for (int i = 0; i < sum.lane_count(); ++i) sum.add(std::vector<float>(count, 1.0F));
    EXPECT_EQ(sum.finish().back(), 8.0F);
  }
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

TEST(LaneSum, RefusesLanesThatAreNoPowerOfTwo) {
  for (const int lanes : {-8, 0, 3, 12}) EXPECT_THROW(LaneSum(Communicator::world(), lanes, 1), AgreedError) << lanes;
}

}  // namespace
}  // namespace phiscope
