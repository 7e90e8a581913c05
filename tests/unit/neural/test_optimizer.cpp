#include "phiscope/neural/optimizer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "phiscope/base/error.hpp"

namespace phiscope::neural {
namespace {

constexpr std::array<float, 4> start{1.0F, -2.0F, 0.5F, 0.0F};

/// Wide enough for what a hand-written recurrence keeps of each parameter.
using Doubles = std::array<double, 4>;

/// A gradient that changes from step to step; the last parameter's stays zero.
std::vector<float> gradient_of_step(int step) {
  const auto t = static_cast<float>(step);
  return {0.1F * t, -0.3F, 1.0F / (1.0F + t), 0.0F, 77.0F};  // one more than parameters: statistics, to be ignored
}

TEST(Optimizer, SgdFollowsItsRecurrence) {
  OptimizerSettings settings;
  settings.name = "sgd";
  settings.learning_rate = 0.05;
  settings.momentum = 0.8;
  settings.weight_decay = 0.01;
  const auto optimizer = Optimizer::make(settings, start.size());
  std::vector<float> parameters(start.begin(), start.end());
  Doubles expected{1.0, -2.0, 0.5, 0.0};
  Doubles velocity{};
  for (int step = 0; step < 20; ++step) {
    const auto gradient = gradient_of_step(step);
    optimizer->step(parameters, gradient);
    for (std::size_t i = 0; i < start.size(); ++i) {
      velocity[i] = 0.8 * velocity[i] + static_cast<double>(gradient[i]) + 0.01 * expected[i];
      expected[i] -= 0.05 * velocity[i];
    }
  }
  for (std::size_t i = 0; i < start.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(parameters[i]), expected[i], 1e-5);
    EXPECT_NEAR(static_cast<double>(optimizer->moments()[0][i]), velocity[i], 1e-5);
  }
  EXPECT_EQ(optimizer->steps(), 20);
}

TEST(Optimizer, AdamFollowsItsRecurrence) {
  OptimizerSettings settings;
  settings.learning_rate = 0.02;
  settings.weight_decay = 0.1;
  const auto optimizer = Optimizer::make(settings, start.size());
  std::vector<float> parameters(start.begin(), start.end());
  Doubles expected{1.0, -2.0, 0.5, 0.0};
  Doubles first{};
  Doubles second{};
  for (int step = 1; step <= 20; ++step) {
    const auto gradient = gradient_of_step(step);
    optimizer->step(parameters, gradient);
    for (std::size_t i = 0; i < start.size(); ++i) {
      const double g = static_cast<double>(gradient[i]) + 0.1 * expected[i];
      first[i] = 0.9 * first[i] + 0.1 * g;
      second[i] = 0.999 * second[i] + 0.001 * g * g;
      const double m = first[i] / (1.0 - std::pow(0.9, step));
      const double v = second[i] / (1.0 - std::pow(0.999, step));
      expected[i] -= 0.02 * m / (std::sqrt(v) + 1e-8);
    }
  }
  for (std::size_t i = 0; i < start.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(parameters[i]), expected[i], 1e-5);
    EXPECT_NEAR(static_cast<double>(optimizer->moments()[0][i]), first[i], 1e-5);
    EXPECT_NEAR(static_cast<double>(optimizer->moments()[1][i]), second[i], 1e-5);
  }
}

TEST(Optimizer, FirstAdamStepIsTheLearningRateInEveryDirection) {
  OptimizerSettings settings;
  settings.learning_rate = 0.125;
  const auto optimizer = Optimizer::make(settings, 2);
  std::vector<float> parameters{0.0F, 0.0F};
  optimizer->step(parameters, std::vector<float>{1e-3F, -1e3F});
  EXPECT_NEAR(parameters[0], -0.125F, 1e-5F);
  EXPECT_NEAR(parameters[1], 0.125F, 1e-5F);
}

TEST(Optimizer, LeavesZeroParametersWithZeroGradientsExactlyZero) {
  for (const char* name : {"sgd", "adam"}) {
    OptimizerSettings settings;
    settings.name = name;
    settings.weight_decay = 0.1;
    const auto optimizer = Optimizer::make(settings, 3);
    std::vector<float> parameters(3, 0.0F);
    const std::vector<float> gradients(3, 0.0F);
    for (int step = 0; step < 5; ++step) optimizer->step(parameters, gradients);
    EXPECT_TRUE(std::all_of(parameters.begin(), parameters.end(), [](float p) { return p == 0.0F; })) << name;
  }
}

TEST(Optimizer, GoesOnFromRestoredStateAsIfNeverStopped) {
  const OptimizerSettings settings;
  const auto straight = Optimizer::make(settings, start.size());
  const auto resumed = Optimizer::make(settings, start.size());
  std::vector<float> a(start.begin(), start.end());
  for (int step = 0; step < 3; ++step) straight->step(a, gradient_of_step(step));
  std::vector<float> b = a;
  resumed->set_steps(straight->steps());
  for (std::size_t k = 0; k < 2; ++k) {
    std::copy(straight->moments()[k].begin(), straight->moments()[k].end(), resumed->moments()[k].begin());
  }
  straight->step(a, gradient_of_step(3));
  resumed->step(b, gradient_of_step(3));
  EXPECT_EQ(a, b);
}

TEST(Optimizer, RefusesWhatItDoesNotKnow) {
  OptimizerSettings settings;
  settings.name = "adm";
  try {
    Optimizer::make(settings, 1);
    FAIL() << "an unknown name was taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'adam'"), std::string::npos) << error.what();
  }
  settings.name = "adam";
  settings.beta2 = 1.0;
  EXPECT_THROW(Optimizer::make(settings, 1), Error);
}

}  // namespace
}  // namespace phiscope::neural
