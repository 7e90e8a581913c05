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
    check_training_settings(settings, matched ? 2 : 1);
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

using Change = std::function<void(TrainingSettings&)>;

/// What is wrong with the default settings after a change.
std::string problem_after(const Change& change) {
  TrainingSettings settings;
  change(settings);
  return problem_of(settings, true);
}

TEST(TrainingSettings, ProblemsOfLossOptimiserAndScheduleNameTheirSection) {
  EXPECT_TRUE(says(problem_after([](auto& s) { s.loss.label_smoothing = 1.0; }), "training.loss: the label smoothing"));
  EXPECT_TRUE(says(problem_after([](auto& s) { s.optimizer.nesterov = true; }), "training.optimizer: nesterov"));
  EXPECT_TRUE(says(problem_after([](auto& s) { s.schedule.factor = 2.0; }), "training.schedule: factor is 2"));
  EXPECT_TRUE(says(problem_after([](auto& s) { s.clip_norm = -1.0; }), "training.clip_norm is -1"));
}

TEST(TrainingSettings, AWarmUpAsLongAsTheTrainingIsRefused) {
  const auto warm = [](double warmup) {
    return problem_after([warmup](auto& s) {
      s.epochs = 5;
      s.schedule.warmup_epochs = warmup;
    });
  };
  EXPECT_TRUE(says(warm(5.0), "training.schedule: a warm-up of 5 epochs leaves nothing"));
  EXPECT_EQ(warm(4.5), "");
}

}  // namespace
}  // namespace phiscope
