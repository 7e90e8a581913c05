// The losses of networks that estimate numbers.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "gradient_check.hpp"
#include "loss_check.hpp"

namespace phiscope::neural {
namespace {

using test::expect_finite;
using test::expect_gradient;
using test::normal_values;
using test::problem_of;
using test::says;
using test::value_of;

const double log_two_pi = std::log(2.0 * std::numbers::pi);

/// −ln of the density of a normal distribution.
double surprise(double value, double mean, double deviation) {
  const double distance = (value - mean) / deviation;
  return 0.5 * distance * distance + std::log(deviation) + 0.5 * log_two_pi;
}

TEST(MeanErrors, AreMeansOverSamplesAndTargets) {
  const std::vector<float> outputs{1.0F, 2.0F, 3.0F, 4.0F}, targets{1.5F, 2.0F, 0.0F, 6.0F};
  EXPECT_DOUBLE_EQ(value_of(*Loss::make({.name = "mean_squared_error"}), outputs, targets, 2), 13.25 / 4.0);
  EXPECT_DOUBLE_EQ(value_of(*Loss::make({.name = "mean_absolute_error"}), outputs, targets, 2), 5.5 / 4.0);
}

TEST(MeanErrors, GradientsAgreeWithFiniteDifferences) {
  // Apart by far more than the steps: |residual| has a kink at 0.
  const std::vector<float> outputs{1.0F, 2.0F, -3.0F, 4.0F, 0.0F, 0.5F}, targets{1.5F, 0.0F, 0.0F, 6.0F, -1.0F, 2.0F};
  expect_gradient(*Loss::make({.name = "mean_squared_error"}), outputs, targets, 3);
  expect_gradient(*Loss::make({.name = "mean_absolute_error"}), outputs, targets, 3);
}

TEST(MeanErrors, AnExactOutputHasNoGradient) {
  for (const char* name : {"mean_squared_error", "mean_absolute_error"}) {
    std::vector<float> gradient{1.0F};
    EXPECT_EQ(Loss::make({.name = name})->evaluate(std::vector<float>{2.0F}, std::vector<float>{2.0F}, 1, gradient), 0);
    EXPECT_EQ(gradient[0], 0.0F);
  }
}

TEST(GaussianLikelihood, IsTheMeanSurprise) {
  // Two samples of two targets: both means, then both log-variances.
  const std::vector<float> outputs{1.0F, 2.0F, 0.5F, -1.0F, 0.0F, 1.0F, 2.0F, 0.0F};
  const std::vector<float> targets{1.5F, 0.0F, 3.0F, 1.0F};
  const double expected = (surprise(1.5, 1.0, std::exp(0.25)) + surprise(0.0, 2.0, std::exp(-0.5)) +
                           surprise(3.0, 0.0, std::exp(1.0)) + surprise(1.0, 1.0, 1.0)) /
                          4.0;
  EXPECT_NEAR(value_of(*Loss::make({.name = "gaussian_nll"}), outputs, targets, 2), expected, 1e-12);
}

TEST(GaussianLikelihood, GradientAgreesWithFiniteDifferences) {
  expect_gradient(*Loss::make({.name = "gaussian_nll"}), normal_values(12, 3), normal_values(6, 4), 3, 1e-5);
}

TEST(GaussianLikelihood, IsLowestAtTheResidualsVariance) {
  std::vector<float> gradient(2);
  const float log_variance = 2.0F * std::log(0.5F);
  Loss::make({.name = "gaussian_nll"})
      ->evaluate(std::vector<float>{1.0F, log_variance}, std::vector<float>{1.5F}, 1, gradient);
  EXPECT_NEAR(gradient[1], 0.0F, 1e-7F);
}

TEST(GaussianLikelihood, HugeOutputsAreFiniteAndLedBack) {
  const auto loss = Loss::make({.name = "gaussian_nll"});
  for (const float mean : {-1e4F, 1e4F}) {
    for (const float log_variance : {-1e4F, 1e4F}) {
      expect_finite(*loss, {mean, log_variance}, {0.0F}, 1);
      std::vector<float> gradient(2);
      loss->evaluate(std::vector<float>{mean, log_variance}, std::vector<float>{0.0F}, 1, gradient);
      EXPECT_EQ(gradient[1] > 0.0F, log_variance > 0.0F) << "a step downhill leads towards 0";
    }
  }
}

TEST(GaussianLikelihood, NeedsTwoOutputsForEachTarget) {
  const auto problem = problem_of([] { Loss::make({.name = "gaussian_nll"})->check_outputs(6, 6); });
  EXPECT_TRUE(says(problem, "gaussian_nll takes two outputs, a mean and a log-variance, for each target")) << problem;
  EXPECT_TRUE(says(problem, "6 targets, the network gives 6 outputs")) << problem;
}

TEST(MixtureDensity, OfOneComponentIsTheGaussianLikelihood) {
  const std::vector<float> targets{1.5F, 0.0F};
  const auto mixture = Loss::make({.name = "mixture_density", .components = 1});
  // Weight logits mean nothing alone; ln σ is half the log-variance.
  EXPECT_NEAR(value_of(*mixture, {7.0F, -3.0F, 1.0F, 2.0F, 0.25F, -0.5F}, targets, 1),
              value_of(*Loss::make({.name = "gaussian_nll"}), {1.0F, 2.0F, 0.5F, -1.0F}, targets, 1), 1e-12);
}

TEST(MixtureDensity, IsMinusTheLogOfTheWeightedDensities) {
  // One target, two components: weights 1/4 and 3/4, means 0 and 2, σ 1 and 1/2.
  const std::vector<float> outputs{0.0F, std::log(3.0F), 0.0F, 2.0F, 0.0F, -std::log(2.0F)};
  const double density = 0.25 * std::exp(-surprise(1.0, 0.0, 1.0)) + 0.75 * std::exp(-surprise(1.0, 2.0, 0.5));
  EXPECT_NEAR(value_of(*Loss::make({.name = "mixture_density", .components = 2}), outputs, {1.0F}, 1),
              -std::log(density), 1e-6);
}

TEST(MixtureDensity, KeepsTargetsAndSamplesApart) {
  // Two samples of two targets, two components: the same mixtures, one target at a time.
  const auto loss = Loss::make({.name = "mixture_density", .components = 2});
  const auto outputs = normal_values(24, 5), targets = normal_values(4, 6);
  double sum = 0.0;
  for (std::size_t sample = 0; sample < 2; ++sample) {
    for (std::size_t t = 0; t < 2; ++t) {
      std::vector<float> own;
      for (std::size_t kind = 0; kind < 3; ++kind)
        for (std::size_t k = 0; k < 2; ++k) own.push_back(outputs[12 * sample + 4 * kind + 2 * t + k]);
      sum += value_of(*loss, own, {targets[2 * sample + t]}, 1);
    }
  }
  EXPECT_NEAR(value_of(*loss, outputs, targets, 2), sum / 4.0, 1e-12);
}

TEST(MixtureDensity, GradientAgreesWithFiniteDifferences) {
  expect_gradient(*Loss::make({.name = "mixture_density", .components = 3}), normal_values(36, 7), normal_values(4, 8),
                  2, 1e-4);
}

TEST(MixtureDensity, HugeOutputsAreFinite) {
  const auto loss = Loss::make({.name = "mixture_density", .components = 2});
  for (const float size : {-1e4F, 1e4F}) {
    expect_finite(*loss, {size, -size, 0.0F, 1.0F, 0.0F, 0.0F}, {0.5F}, 1);
    expect_finite(*loss, {0.0F, 0.0F, size, size, 0.0F, 0.0F}, {0.5F}, 1);
    expect_finite(*loss, {0.0F, 0.0F, size, 0.0F, size, size}, {0.5F}, 1);
  }
}

TEST(MixtureDensity, NeedsThreeOutputsForEachComponent) {
  const auto loss = Loss::make({.name = "mixture_density", .components = 4});
  EXPECT_EQ(problem_of([&] { loss->check_outputs(24, 2); }), "");
  EXPECT_TRUE(says(problem_of([&] { loss->check_outputs(12, 2); }), "3×4 outputs"));
}

TEST(MomentNetwork, IsTheLogOfBothMeanSquares) {
  // Two samples of one target: residuals 1 and −2; squares less variances 1 − 4 and 4 − 1.
  const std::vector<float> outputs{2.0F, 2.0F, 1.0F, 1.0F}, targets{1.0F, 3.0F};
  EXPECT_NEAR(value_of(*Loss::make({.name = "moment_network"}), outputs, targets, 2),
              std::log((1.0 + 4.0) / 2.0) + std::log((9.0 + 9.0) / 2.0), 1e-12);
}

TEST(MomentNetwork, AddsUpOverTargets) {
  const auto loss = Loss::make({.name = "moment_network"});
  const auto outputs = normal_values(12, 9), targets = normal_values(6, 10);
  double sum = 0.0;
  for (std::size_t t = 0; t < 2; ++t) {
    std::vector<float> own_outputs, own_targets;
    for (std::size_t row = 0; row < 3; ++row) {
      own_outputs.insert(own_outputs.end(), {outputs[4 * row + t], outputs[4 * row + 2 + t]});
      own_targets.push_back(targets[2 * row + t]);
    }
    sum += value_of(*loss, own_outputs, own_targets, 3);
  }
  EXPECT_NEAR(value_of(*loss, outputs, targets, 3), sum, 1e-12);
}

TEST(MomentNetwork, GradientAgreesWithFiniteDifferences) {
  expect_gradient(*Loss::make({.name = "moment_network"}), normal_values(16, 11), normal_values(8, 12), 4, 1e-4);
}

TEST(MomentNetwork, StandsStillWhereMeanAndVarianceAreRight) {
  // Symmetric residuals around one mean for all samples, with σ their size: the variance's term is at its floor, and
  // neither a common shift nor σ changes the loss.
  std::vector<float> gradient(4);
  Loss::make({.name = "moment_network"})
      ->evaluate(std::vector<float>{0.0F, 1.0F, 0.0F, 1.0F}, std::vector<float>{1.0F, -1.0F}, 2, gradient);
  EXPECT_EQ(gradient[0], -gradient[2]);
  EXPECT_EQ(gradient[1], 0.0F);
  EXPECT_EQ(gradient[3], 0.0F);
}

TEST(MomentNetwork, ExactAndHugeOutputsAreFinite) {
  const auto loss = Loss::make({.name = "moment_network"});
  expect_finite(*loss, {0.5F, 0.0F}, {0.5F}, 1);
  for (const float size : {-1e4F, 1e4F}) expect_finite(*loss, {size, size, 0.0F, size}, {0.5F, 0.25F}, 2);
}

}  // namespace
}  // namespace phiscope::neural
