#include "phiscope/parallel/unit_loop.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

class UnitLoop : public testing::TestWithParam<Agreement> {
 protected:
  void TearDown() override { clear_stop_request(); }

  Communicator world = Communicator::world();
  static constexpr std::int64_t count = 7;

  /// How often each unit was done, by all ranks together.
  std::vector<std::int64_t> done_by_all(const Dealing& dealing) {
    std::vector<std::int64_t> times(count, 0);
    EXPECT_TRUE(for_each_unit(dealing, count, GetParam(), [&](std::int64_t unit) {
      if (dealing.team.is_root()) ++times[static_cast<std::size_t>(unit)];
      return true;
    }));
    world.sum_in_place(std::span<std::int64_t>(times));
    return times;
  }
};

TEST_P(UnitLoop, EveryUnitIsDoneOnce) {
  const std::vector<std::int64_t> once(count, 1);
  EXPECT_EQ(done_by_all(Dealing::to(world)), once);
  EXPECT_EQ(done_by_all(Dealing::to(Teams(world, world.size()))), once);
  EXPECT_TRUE(for_each_unit(Dealing::to(world), 0, GetParam(), [](std::int64_t) { return false; }));
}

TEST_P(UnitLoop, AProblemOfOneRankEndsAllWithItsMessage) {
  try {
    (void)for_each_unit(Dealing::to(world), count, GetParam(), [](std::int64_t unit) {
      if (unit == 4) fail("unit 4 is bad");
      return true;
    });
    FAIL() << "no error";
  } catch (const AgreedError& problem) {
    EXPECT_STREQ(problem.what(), "unit 4 is bad");
  }
}

TEST_P(UnitLoop, AStopLeavesTheRestUndone) {
  std::int64_t mine = 0;
  EXPECT_FALSE(for_each_unit(Dealing::to(world), 2 * world.size(), GetParam(), [&](std::int64_t) {
    ++mine;
    request_stop();
    return true;
  }));
  EXPECT_EQ(mine, 1);
}

TEST_P(UnitLoop, AUnitThatWasStoppedInTheMiddleIsNotDone) {
  EXPECT_FALSE(for_each_unit(Dealing::to(world), 1, GetParam(), [](std::int64_t) { return false; }));
}

INSTANTIATE_TEST_SUITE_P(Both, UnitLoop, testing::Values(Agreement::after_each_round, Agreement::at_the_end));

TEST(UnitLoopRounds, TellHowManyAreDone) {
  const auto world = Communicator::world();
  std::vector<std::int64_t> told;
  EXPECT_TRUE(for_each_unit(
      Dealing::to(world), 5, Agreement::after_each_round, [](std::int64_t) { return true; },
      [&](std::int64_t done) { told.push_back(done); }));
  ASSERT_EQ(static_cast<std::int64_t>(told.size()), (5 + world.size() - 1) / world.size());
  EXPECT_EQ(told.back(), 5);
}

}  // namespace
}  // namespace phiscope
