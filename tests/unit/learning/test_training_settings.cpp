#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/learning/training_settings.hpp"

namespace phiscope {
namespace {

TrainingSettings with(std::int64_t batch, int lanes) {
  TrainingSettings settings;
  settings.batch = batch;
  settings.lanes = lanes;
  return settings;
}

/// What the check says; empty when it says nothing.
std::string problem_of(const TrainingSettings& settings, bool matched) {
  try {
    check_training_settings(settings, matched);
    return "";
  } catch (const Error& problem) {
    return problem.what();
  }
}

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(TrainingSettings, AMicroBatchIsALanesShareOfTheBatch) {
  EXPECT_EQ(with(64, 8).micro_batch(), 8);
  EXPECT_EQ(with(6, 1).micro_batch(), 6);
}

TEST(TrainingSettings, BatchesThatShareOutEvenlyAreFine) {
  EXPECT_EQ(problem_of({}, true), "");
  EXPECT_EQ(problem_of(with(16, 8), true), "");
  EXPECT_EQ(problem_of(with(8, 8), false), "");
  EXPECT_EQ(problem_of(with(3, 1), false), "");
}

TEST(TrainingSettings, LanesThatAreNoPowerOfTwoAreNamed) {
  for (const int lanes : {0, 3, 6, 12}) {
    const auto problem = problem_of(with(96, lanes), true);
    EXPECT_TRUE(says(problem, "training.lanes is " + std::to_string(lanes))) << lanes << ": " << problem;
    EXPECT_TRUE(says(problem, "power of two")) << problem;
  }
}

TEST(TrainingSettings, ABatchThatDoesNotShareOutIsNamedWithItsUnit) {
  const auto problem = problem_of(with(60, 8), false);
  EXPECT_TRUE(says(problem, "training.batch is 60")) << problem;
  EXPECT_TRUE(says(problem, "multiple of 8")) << problem;
}

TEST(TrainingSettings, MatchedSlicesNeedTwiceTheUnit) {
  const auto problem = problem_of(with(72, 8), true);
  EXPECT_TRUE(says(problem, "training.batch is 72")) << problem;
  EXPECT_TRUE(says(problem, "multiple of 16")) << problem;
  EXPECT_TRUE(says(problem, "dataset.matched")) << problem;
  EXPECT_EQ(problem_of(with(72, 8), false), "");
}

}  // namespace
}  // namespace phiscope
