#include "phiscope/neural/learning_rate_schedule.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"

namespace phiscope::neural {
namespace {

// 20 epochs of 5 steps, from a rate of 0.5.
constexpr std::int64_t steps = 100, per_epoch = 5;
constexpr double rate = 0.5;

LearningRateSchedule schedule(const ScheduleSettings& settings) {
  return {settings, rate, steps, per_epoch};
}

TEST(LearningRateSchedule, ConstantStays) {
  const auto constant = schedule({});
  for (const std::int64_t step : {0, 1, 50, 99}) EXPECT_EQ(constant.rate(step), rate);
}

TEST(LearningRateSchedule, StepFallsByAFactorEverySoManyEpochs) {
  const auto falling = schedule({.kind = ScheduleKind::step, .step_epochs = 4, .factor = 0.5});
  EXPECT_DOUBLE_EQ(falling.rate(19), rate);
  EXPECT_DOUBLE_EQ(falling.rate(20), 0.5 * rate);
  EXPECT_DOUBLE_EQ(falling.rate(99), std::pow(0.5, 4) * rate);
}

TEST(LearningRateSchedule, ExponentialFallsByItsFactorInAnEpoch) {
  const auto falling = schedule({.kind = ScheduleKind::exponential, .factor = 0.9});
  EXPECT_DOUBLE_EQ(falling.rate(0), rate);
  EXPECT_DOUBLE_EQ(falling.rate(15), 0.9 * 0.9 * 0.9 * rate);
  EXPECT_DOUBLE_EQ(falling.rate(16) / falling.rate(15), std::pow(0.9, 0.2));
}

TEST(LearningRateSchedule, CosineFallsFromTheRateToTheMinimum) {
  const auto falling = schedule({.kind = ScheduleKind::cosine, .minimum_rate = 0.1});
  EXPECT_DOUBLE_EQ(falling.rate(0), 0.5);
  EXPECT_DOUBLE_EQ(falling.rate(50), 0.3);
  EXPECT_DOUBLE_EQ(falling.rate(25), 0.1 + 0.2 * (1.0 + std::cos(std::numbers::pi / 4)));
  EXPECT_DOUBLE_EQ(falling.rate(100), 0.1);
}

TEST(LearningRateSchedule, OneCycleRisesAndFallsBelowWhereItBegan) {
  // pct_start·steps − 1 = 29 and steps − 1 = 99 are where the phases end.
  const auto cycle = schedule({.kind = ScheduleKind::one_cycle, .div_factor = 10, .final_div_factor = 100});
  EXPECT_DOUBLE_EQ(cycle.rate(0), 0.05);
  EXPECT_DOUBLE_EQ(cycle.rate(29), 0.5);
  EXPECT_DOUBLE_EQ(cycle.rate(64), 0.5 * (0.5 + 0.0005));
  EXPECT_NEAR(cycle.rate(99), 0.0005, 1e-15);
  for (std::int64_t step = 0; step < 99; ++step) EXPECT_EQ(cycle.rate(step + 1) > cycle.rate(step), step < 29) << step;
}

TEST(LearningRateSchedule, OneCycleOfFewStepsIsPositiveAndAtMostTheRate) {
  for (std::int64_t length = 1; length < 6; ++length) {
    const LearningRateSchedule cycle({.kind = ScheduleKind::one_cycle}, rate, length, 1);
    for (std::int64_t step = 0; step < length; ++step) {
      EXPECT_GT(cycle.rate(step), 0.0);
      EXPECT_LE(cycle.rate(step), rate);
    }
  }
}

TEST(LearningRateSchedule, WarmUpRisesLinearlyAndShiftsWhatFollows) {
  const auto warm = schedule({.kind = ScheduleKind::cosine, .warmup_epochs = 4, .warmup_start = 0.2});
  EXPECT_DOUBLE_EQ(warm.rate(0), 0.2 * rate);
  EXPECT_DOUBLE_EQ(warm.rate(10), 0.6 * rate);
  EXPECT_DOUBLE_EQ(warm.rate(20), rate);
  EXPECT_DOUBLE_EQ(warm.rate(60), 0.5 * rate);
  EXPECT_NEAR(warm.rate(100), 0.0, 1e-15);
}

TEST(LearningRateSchedule, WarmUpGoesBeforeAnyKind) {
  for (const auto& [name, kind] : schedule_names()) {
    const auto cold = schedule({.kind = kind});
    const auto warm = schedule({.kind = kind, .warmup_epochs = 2, .warmup_start = 0.5});
    EXPECT_DOUBLE_EQ(warm.rate(0), 0.5 * cold.rate(0)) << name;
    EXPECT_DOUBLE_EQ(warm.rate(10), cold.rate(0)) << name;
  }
}

ScheduleSettings plateau() {
  return {.kind = ScheduleKind::reduce_on_plateau, .factor = 0.5, .minimum_rate = 0.1, .patience = 1, .threshold = 0.1};
}

/// The rate after each of these losses.
std::vector<double> rates_after(LearningRateSchedule& reduced, const std::vector<double>& losses) {
  std::vector<double> rates;
  for (const double loss : losses) {
    reduced.observe(loss);
    rates.push_back(reduced.rate(0));
  }
  return rates;
}

TEST(LearningRateSchedule, PlateauReducesAfterMoreBadEpochsThanItBears) {
  auto reduced = schedule(plateau());
  // 0.95 is not better by a tenth; the fall to 0.8 is, and starts the count anew.
  EXPECT_EQ(rates_after(reduced, {1.0, 0.95, 0.8, 0.8, 0.8, 0.8}), (std::vector<double>{.5, .5, .5, .5, .25, .25}));
}

TEST(LearningRateSchedule, PlateauStopsAtTheMinimum) {
  auto reduced = schedule(plateau());
  const auto rates = rates_after(reduced, std::vector<double>(9, 1.0));
  EXPECT_DOUBLE_EQ(rates.back(), 0.1);
}

TEST(LearningRateSchedule, PlateauDoesNotCountWhileItCools) {
  auto settings = plateau();
  settings.cooldown = 2;
  auto reduced = schedule(settings);
  // Reduced after the third; two epochs of cooling; then two bad ones.
  EXPECT_EQ(rates_after(reduced, std::vector<double>(7, 1.0)), (std::vector<double>{.5, .5, .25, .25, .25, .25, .125}));
}

TEST(LearningRateSchedule, PlateauKnowsABetterNegativeLoss) {
  auto reduced = schedule(plateau());
  EXPECT_EQ(rates_after(reduced, {-1.0, -1.0, -1.2, -1.2, -1.2}), (std::vector<double>{.5, .5, .5, .5, .25}));
}

TEST(LearningRateSchedule, PlateauGoesOnFromRestoredState) {
  auto straight = schedule(plateau());
  (void)rates_after(straight, {1.0, 1.0});
  auto resumed = schedule(plateau());
  resumed.set_plateau(straight.plateau());
  const std::vector<double> rest{1.0, 0.5, 0.6, 0.6, 0.6};
  EXPECT_EQ(rates_after(resumed, rest), rates_after(straight, rest));
}

TEST(LearningRateSchedule, OtherKindsDoNotMindTheLoss) {
  auto constant = schedule({});
  EXPECT_EQ(rates_after(constant, std::vector<double>(40, 1.0)), std::vector<double>(40, rate));
}

/// What is wrong with a schedule; empty when nothing is.
std::string problem_of(const ScheduleSettings& settings) {
  try {
    (void)schedule(settings);
    return "";
  } catch (const Error& problem) {
    return problem.what();
  }
}

TEST(LearningRateSchedule, NamesASettingWithoutAMeaning) {
  EXPECT_NE(problem_of({.factor = 1.5}).find("factor is 1.5"), std::string::npos);
  EXPECT_NE(problem_of({.warmup_start = -1.0}).find("warmup_start is -1"), std::string::npos);
  EXPECT_NE(problem_of({.step_epochs = 0.0}).find("step_epochs is 0"), std::string::npos);
  EXPECT_NE(problem_of({.pct_start = 1.0}).find("pct_start is 1"), std::string::npos);
  EXPECT_NE(problem_of({.warmup_epochs = 20}).find("a warm-up of 20 epochs leaves nothing"), std::string::npos);
  EXPECT_EQ(problem_of({.warmup_epochs = 19}), "");
}

}  // namespace
}  // namespace phiscope::neural
