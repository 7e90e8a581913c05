#include <gtest/gtest.h>

#include <chrono>

#include "phiscope/base/progress.hpp"

namespace phiscope {
namespace {

using namespace std::chrono_literals;

TEST(FormatDuration, CountsSecondsBelowAMinute) {
  EXPECT_EQ(format_duration(0s), "0 s");
  EXPECT_EQ(format_duration(42s), "42 s");
  EXPECT_EQ(format_duration(59s), "59 s");
}

TEST(FormatDuration, CountsMinutesAndSecondsBelowAnHour) {
  EXPECT_EQ(format_duration(60s), "1 min 00 s");
  EXPECT_EQ(format_duration(185s), "3 min 05 s");
  EXPECT_EQ(format_duration(3599s), "59 min 59 s");
}

TEST(FormatDuration, CountsHoursAndMinutesFromThereOn) {
  EXPECT_EQ(format_duration(1h), "1 h 00 min");
  EXPECT_EQ(format_duration(2h + 10min + 30s), "2 h 10 min");
  EXPECT_EQ(format_duration(100h), "100 h 00 min");
}

TEST(FormatDuration, RoundsToWholeSecondsBeforeChoosingTheUnit) {
  EXPECT_EQ(format_duration(41.6s), "42 s");
  EXPECT_EQ(format_duration(59.7s), "1 min 00 s");
  EXPECT_EQ(format_duration(3599.5s), "1 h 00 min");
}

TEST(Progress, IsSilentWhereItIsNotShown) {
  testing::internal::CaptureStderr();
  {
    Progress progress("training", 10, false);
    for (int i = 1; i <= 10; ++i) progress.update(i);
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

TEST(Progress, WritesNoControlCharactersWhereThereIsNoTerminal) {
  testing::internal::CaptureStderr();
  {
    Progress progress("training", 10, true);
    for (int i = 1; i <= 10; ++i) progress.update(i, "loss 0.7");
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr().find('\r'), std::string::npos);
}

}  // namespace
}  // namespace phiscope
