#include "phiscope/neural/optimizer.hpp"

#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "gradient_check.hpp"
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

/// Twenty steps of an optimiser and of a recurrence of one parameter, written in double, from the same start.
/// `recurrence(i, step, gradient, parameter)` moves parameter i; step counts from 1.
template <class Recurrence>
void expect_recurrence(const OptimizerSettings& settings, const Recurrence& recurrence) {
  const auto optimizer = Optimizer::make(settings, start.size());
  std::vector<float> parameters(start.begin(), start.end());
  Doubles expected{1.0, -2.0, 0.5, 0.0};
  for (int step = 1; step <= 20; ++step) {
    const auto gradient = gradient_of_step(step);
    optimizer->step(parameters, gradient);
    for (std::size_t i = 0; i < start.size(); ++i) recurrence(i, step, static_cast<double>(gradient[i]), expected[i]);
  }
  for (std::size_t i = 0; i < start.size(); ++i)
    EXPECT_NEAR(static_cast<double>(parameters[i]), expected[i], 2e-5) << settings.name << ", parameter " << i;
}

TEST(Optimizer, SgdWithoutMomentumFollowsTheGradientAndKeepsNothing) {
  const OptimizerSettings settings{.name = "sgd", .learning_rate = 0.05, .momentum = 0.0, .weight_decay = 0.01};
  expect_recurrence(settings, [](std::size_t, int, double gradient, double& parameter) {
    parameter -= 0.05 * (gradient + 0.01 * parameter);
  });
  EXPECT_TRUE(Optimizer::make(settings, 4)->moments().empty());
}

TEST(Optimizer, NesterovLooksAhead) {
  Doubles velocity{};
  expect_recurrence({.name = "sgd", .learning_rate = 0.05, .momentum = 0.8, .nesterov = true},
                    [&](std::size_t i, int, double gradient, double& parameter) {
                      velocity[i] = 0.8 * velocity[i] + gradient;
                      parameter -= 0.05 * (gradient + 0.8 * velocity[i]);
                    });
}

TEST(Optimizer, AdamWShrinksTheWeightsThemselves) {
  Doubles first{}, second{};
  expect_recurrence({.name = "adamw", .learning_rate = 0.02, .weight_decay = 0.1},
                    [&](std::size_t i, int step, double gradient, double& parameter) {
                      first[i] = 0.9 * first[i] + 0.1 * gradient;
                      second[i] = 0.999 * second[i] + 0.001 * gradient * gradient;
                      const double m = first[i] / (1.0 - std::pow(0.9, step));
                      const double v = second[i] / (1.0 - std::pow(0.999, step));
                      parameter -= 0.02 * 0.1 * parameter;
                      parameter -= 0.02 * m / (std::sqrt(v) + 1e-8);
                    });
}

TEST(Optimizer, RmsPropFollowsItsRecurrence) {
  Doubles square{};
  expect_recurrence({.name = "rmsprop", .learning_rate = 0.02, .epsilon = 1e-4, .alpha = 0.9, .weight_decay = 0.1},
                    [&](std::size_t i, int, double gradient, double& parameter) {
                      const double g = gradient + 0.1 * parameter;
                      square[i] = 0.9 * square[i] + 0.1 * g * g;
                      parameter -= 0.02 * g / (std::sqrt(square[i]) + 1e-4);
                    });
}

TEST(Optimizer, CentredRmsPropWithMomentumFollowsItsRecurrence) {
  Doubles square{}, mean{}, velocity{};
  const OptimizerSettings settings{
      .name = "rmsprop", .learning_rate = 0.01, .momentum = 0.5, .epsilon = 1e-3, .alpha = 0.9, .centered = true};
  expect_recurrence(settings, [&](std::size_t i, int, double gradient, double& parameter) {
    square[i] = 0.9 * square[i] + 0.1 * gradient * gradient;
    mean[i] = 0.9 * mean[i] + 0.1 * gradient;
    velocity[i] = 0.5 * velocity[i] + gradient / (std::sqrt(square[i] - mean[i] * mean[i]) + 1e-3);
    parameter -= 0.01 * velocity[i];
  });
  EXPECT_EQ(Optimizer::make(settings, 4)->moments().size(), 3U);
}

TEST(Optimizer, LambScalesEachTensorsStepToItsNorm) {
  // Two tensors of two parameters.
  const OptimizerSettings settings{.name = "lamb", .learning_rate = 0.02, .weight_decay = 0.1};
  const std::vector<ParameterSpan> spans{{0, 2}, {2, 2}};
  const auto optimizer = Optimizer::make(settings, start.size(), spans);
  std::vector<float> parameters(start.begin(), start.end());
  Doubles expected{1.0, -2.0, 0.5, 0.0}, first{}, second{}, direction{};
  for (int step = 1; step <= 20; ++step) {
    const auto gradient = gradient_of_step(step);
    optimizer->step(parameters, gradient);
    for (std::size_t i = 0; i < start.size(); ++i) {
      const auto g = static_cast<double>(gradient[i]);
      first[i] = 0.9 * first[i] + 0.1 * g;
      second[i] = 0.999 * second[i] + 0.001 * g * g;
      const double m = first[i] / (1.0 - std::pow(0.9, step)), v = second[i] / (1.0 - std::pow(0.999, step));
      direction[i] = m / (std::sqrt(v) + 1e-8) + 0.1 * expected[i];
    }
    for (const std::size_t t : {std::size_t{0}, std::size_t{2}}) {
      const double ratio = std::hypot(expected[t], expected[t + 1]) / std::hypot(direction[t], direction[t + 1]);
      expected[t] -= 0.02 * ratio * direction[t];
      expected[t + 1] -= 0.02 * ratio * direction[t + 1];
    }
  }
  for (std::size_t i = 0; i < start.size(); ++i)
    EXPECT_NEAR(static_cast<double>(parameters[i]), expected[i], 2e-5) << i;
}

TEST(Optimizer, LambMovesATensorOfZeros) {
  const auto optimizer = Optimizer::make({.name = "lamb", .learning_rate = 0.125}, 2);
  std::vector<float> parameters{0.0F, 0.0F};
  optimizer->step(parameters, std::vector<float>{1.0F, -1.0F});
  EXPECT_NEAR(parameters[0], -0.125F, 1e-6F);
  EXPECT_NEAR(parameters[1], 0.125F, 1e-6F);
}

OptimizerSettings with_all_parts(const std::string& name) {
  OptimizerSettings settings;
  settings.name = name;
  settings.momentum = 0.5;
  settings.centered = name == "rmsprop";
  settings.nesterov = name == "sgd";
  settings.weight_decay = 0.1;
  return settings;
}

TEST(Optimizer, AScaleIsThatOfTheGradients) {
  for (const auto& name : optimizer_names()) {
    const auto scaled = Optimizer::make(with_all_parts(name), start.size());
    const auto plain = Optimizer::make(with_all_parts(name), start.size());
    std::vector<float> a(start.begin(), start.end()), b = a;
    for (int step = 1; step < 5; ++step) {
      auto gradients = gradient_of_step(step);
      scaled->step(a, gradients, 0.25);
      for (float& gradient : gradients) gradient *= 0.25F;
      plain->step(b, gradients);
    }
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-6F) << name;
  }
}

TEST(Optimizer, DoesNotDependOnTheNumberOfThreads) {
  const int threads = omp_get_max_threads();
  constexpr std::size_t size = 100'003;
  const std::vector<ParameterSpan> spans{{0, 7}, {16, 70'001}, {70'020, 29'983}};
  const auto first = test::normal_values(size, 1), second = test::normal_values(size, 2);
  for (const auto& name : optimizer_names()) {
    std::vector<std::vector<float>> results;
    for (const int several : {1, 2, 3, 5}) {
      omp_set_num_threads(several);
      const auto optimizer = Optimizer::make(with_all_parts(name), size, spans);
      auto parameters = first;
      for (const auto* gradients : {&second, &first, &second}) optimizer->step(parameters, *gradients, 0.5);
      results.push_back(parameters);
    }
    for (const auto& result : results) EXPECT_TRUE(result == results.front()) << name;
  }
  omp_set_num_threads(threads);
}

TEST(Optimizer, LeavesZeroParametersWithZeroGradientsExactlyZero) {
  for (const auto& name : optimizer_names()) {
    const auto optimizer = Optimizer::make(with_all_parts(name), 3);
    std::vector<float> parameters(3, 0.0F);
    // The last one is at work, so that norms are not zero.
    for (int step = 0; step < 5; ++step) optimizer->step(parameters, std::vector<float>{0.0F, 0.0F, 1.0F});
    EXPECT_EQ(parameters[0], 0.0F) << name;
    EXPECT_EQ(parameters[1], 0.0F) << name;
    EXPECT_LT(parameters[2], 0.0F) << name;
  }
}

TEST(Optimizer, GoesOnFromRestoredStateAsIfNeverStopped) {
  for (const auto& name : optimizer_names()) {
    const auto straight = Optimizer::make(with_all_parts(name), start.size());
    const auto resumed = Optimizer::make(with_all_parts(name), start.size());
    std::vector<float> a(start.begin(), start.end());
    for (int step = 0; step < 3; ++step) straight->step(a, gradient_of_step(step));
    std::vector<float> b = a;
    resumed->set_steps(straight->steps());
    const auto from = straight->moments(), to = resumed->moments();
    ASSERT_FALSE(from.empty()) << name;
    for (std::size_t k = 0; k < from.size(); ++k) std::copy(from[k].begin(), from[k].end(), to[k].begin());
    straight->step(a, gradient_of_step(3));
    resumed->step(b, gradient_of_step(3));
    EXPECT_EQ(a, b) << name;
  }
}

/// What is wrong with settings; empty when nothing is.
std::string problem_of(const OptimizerSettings& settings, const std::vector<ParameterSpan>& spans = {}) {
  try {
    (void)Optimizer::make(settings, 4, spans);
    return "";
  } catch (const Error& problem) {
    return problem.what();
  }
}

TEST(Optimizer, RefusesWhatItDoesNotKnow) {
  EXPECT_NE(problem_of({.name = "adm"}).find("did you mean 'adam'"), std::string::npos);
}

TEST(Optimizer, RefusesSettingsWithoutAMeaning) {
  EXPECT_NE(problem_of({.beta2 = 1.0}).find("beta1 and beta2 are 0.9 and 1"), std::string::npos);
  EXPECT_NE(problem_of({.name = "rmsprop", .alpha = 1.0}).find("alpha is 1"), std::string::npos);
  EXPECT_NE(problem_of({.name = "sgd", .momentum = 1.0}).find("momentum is 1"), std::string::npos);
  EXPECT_NE(problem_of({.name = "adam", .nesterov = true}).find("nesterov is for sgd"), std::string::npos);
  EXPECT_NE(problem_of({.name = "sgd", .momentum = 0.0, .nesterov = true}).find("needs a momentum"), std::string::npos);
  EXPECT_NE(problem_of({.name = "sgd", .centered = true}).find("centered is for rmsprop"), std::string::npos);
}

TEST(Optimizer, RefusesTensorsThatDoNotFitTheArena) {
  EXPECT_EQ(problem_of({.name = "lamb"}, {{0, 2}, {3, 1}}), "");
  EXPECT_NE(problem_of({.name = "lamb"}, {{0, 2}, {1, 2}}), "");
  EXPECT_NE(problem_of({.name = "lamb"}, {{2, 3}}), "");
}

TEST(ParameterSpans, CoverANetworksTensorsInOrder) {
  const auto description =
      test::describe("  - convolution: {channels: 3, kernel: 3}\n  - flatten:\n  - dense: {values: 2}\n", {1, {6, 6}});
  const Network network(description, 1);
  const auto spans = network.parameter_spans();
  EXPECT_EQ(spans.size(), network.export_arena(network.parameters()).size());
  std::vector<float> covered(network.parameters().size(), 0.0F);
  std::size_t end = 0;
  for (const auto& span : spans) {
    EXPECT_GE(span.offset, end);
    end = span.offset + span.length;
    ASSERT_LE(end, covered.size());
    std::fill_n(covered.begin() + static_cast<std::ptrdiff_t>(span.offset), span.length, 1.0F);
  }
  const auto mask = test::parameter_mask(network);
  for (std::size_t i = 0; i < mask.size(); ++i) EXPECT_GE(covered[i], mask[i]) << "parameter " << i;
}

TEST(Optimizer, RefusesArraysOfAnotherLength) {
  const auto optimizer = Optimizer::make({}, 4);
  std::vector<float> parameters(4), short_gradients(3), other(5);
  EXPECT_THROW(optimizer->step(parameters, short_gradients), Error);
  EXPECT_THROW(optimizer->step(other, other), Error);
}

}  // namespace
}  // namespace phiscope::neural
