#include <gtest/gtest.h>

#include "phiscope/parallel/alarm.hpp"

namespace phiscope {
namespace {

/// Looks until it rings: a message may take its time.
bool hears(Alarm& alarm) {
  for (int i = 0; i < 100'000'000; ++i)
    if (alarm.rings()) return true;
  return false;
}

TEST(Alarm, RingsAtAllOthersAndNotAtTheOneWhoRang) {
  const auto world = Communicator::world();
  Alarm alarm(world);
  EXPECT_FALSE(alarm.rings());
  world.barrier();
  if (world.rank() == world.size() - 1) {
    alarm.ring();
    EXPECT_FALSE(alarm.rings());
  } else {
    EXPECT_TRUE(hears(alarm));
    EXPECT_TRUE(alarm.rings());
  }
  alarm.silence();
}

TEST(Alarm, IsForgottenByAllAfterSilenceHoweverManyRang) {
  const auto world = Communicator::world();
  Alarm alarm(world);
  alarm.ring();
  if (world.is_root()) alarm.ring();
  alarm.silence();
  EXPECT_FALSE(alarm.rings());
  world.barrier();
  EXPECT_FALSE(alarm.rings());
  alarm.silence();
}

TEST(Alarm, IsNotHeardOnOtherAlarms) {
  const auto world = Communicator::world();
  Alarm first(world), second(world);
  first.ring();
  world.barrier();
  EXPECT_FALSE(second.rings());
  first.silence();
  second.silence();
}

}  // namespace
}  // namespace phiscope
