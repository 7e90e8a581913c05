#include "phiscope/learning/regression_scores.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "phiscope/base/random.hpp"
#include "phiscope/learning/posterior.hpp"

namespace phiscope {
namespace {

EstimatedNumbers numbers_of(const std::vector<double>& truth, const std::vector<double>& mean) {
  EstimatedNumbers numbers{.targets = 1,
                           .truth = truth,
                           .mean = mean,
                           .sigma = {},
                           .cumulative = {},
                           .log_density = {},
                           .bound = {},
                           .groups = {}};
  for (std::size_t i = 0; i < truth.size(); ++i) numbers.groups.push_back(i);
  return numbers;
}

/// Truths about Gaussian posteriors of this many deviations.
EstimatedNumbers gaussian_draws(std::size_t count, double width) {
  EstimatedNumbers numbers = numbers_of({}, {});
  for (std::size_t i = 0; i < count; ++i) {
    RandomStream random(RandomPurpose::shuffle, 4, i);
    const double mean = 5.0 * random.uniform(), sigma = 0.1 + random.uniform();
    const Posterior posterior({{1.0, mean, width * sigma}});
    numbers.truth.push_back(mean + sigma * random.normal());
    numbers.mean.push_back(mean);
    numbers.sigma.push_back(width * sigma);
    numbers.bound.push_back(sigma);
    numbers.cumulative.push_back(posterior.cumulative(numbers.truth.back()));
    numbers.log_density.push_back(posterior.log_density(numbers.truth.back()));
    numbers.groups.push_back(i);
  }
  return numbers;
}

TEST(RegressionScores, AreAsWorkedOutByHand) {
  // Differences 1, −1, 0, 2 of truths 1, 2, 4, 5.
  const auto scores = regression_scores(numbers_of({1, 2, 4, 5}, {2, 1, 4, 7}), {}).front();
  EXPECT_DOUBLE_EQ(scores.rmse.value, std::sqrt(6.0 / 4));
  EXPECT_DOUBLE_EQ(scores.mae.value, 1.0);
  EXPECT_DOUBLE_EQ(scores.bias.value, 0.5);
  EXPECT_DOUBLE_EQ(scores.r2.value, 1.0 - 6.0 / 10.0);
  EXPECT_DOUBLE_EQ(scores.relative_error.value, (1.0 + 0.5 + 0 + 0.4) / 4);
  EXPECT_FALSE(scores.coverage68);
  EXPECT_FALSE(scores.log_likelihood);
  EXPECT_FALSE(scores.error_over_bound);
}

TEST(RegressionScores, TargetsAreScoredByThemselves) {
  auto numbers = numbers_of({1, 10, 2, 20, 3, 30}, {1, 11, 2, 21, 3, 31});
  numbers.targets = 2;
  numbers.groups = {0, 1, 2};
  const auto scores = regression_scores(numbers, {});
  ASSERT_EQ(scores.size(), 2U);
  EXPECT_EQ(scores[0].rmse.value, 0.0);
  EXPECT_EQ(scores[0].r2.value, 1.0);
  EXPECT_EQ(scores[1].rmse.value, 1.0);
  EXPECT_EQ(scores[1].bias.value, 1.0);
}

TEST(RegressionScores, OfATruthOfZeroThereIsNoRelativeError) {
  const auto scores = regression_scores(numbers_of({0, 2}, {1, 1}), {}).front();
  EXPECT_TRUE(std::isnan(scores.relative_error.value));
  EXPECT_DOUBLE_EQ(scores.mae.value, 1.0);
}

TEST(RegressionScores, NumbersFarFromZeroKeepTheirDigits) {
  const auto near = regression_scores(numbers_of({1, 2, 4}, {1.5, 2, 4}), {}).front();
  const auto far =
      regression_scores(numbers_of({1e8 + 1, 1e8 + 2, 1e8 + 4}, {1e8 + 1.5, 1e8 + 2, 1e8 + 4}), {}).front();
  EXPECT_NEAR(far.r2.value, near.r2.value, 1e-9);
}

TEST(RegressionScores, CoverageOfExactGaussiansIsWhatItSays) {
  constexpr std::size_t count = 20000;
  const auto scores = regression_scores(gaussian_draws(count, 1.0), {1, 300}).front();
  EXPECT_NEAR(scores.coverage68->value, 0.68, 4.0 * std::sqrt(0.68 * 0.32 / count));
  EXPECT_NEAR(scores.coverage95->value, 0.95, 4.0 * std::sqrt(0.95 * 0.05 / count));
  EXPECT_NEAR(scores.coverage68->error, std::sqrt(0.68 * 0.32 / count), 0.2 * std::sqrt(0.68 * 0.32 / count));
}

TEST(RegressionScores, CoverageOfNarrowPosteriorsIsTooSmall) {
  // Half the width: the truth lies within ±0.4972 deviations, the half of 0.9945.
  const auto scores = regression_scores(gaussian_draws(20000, 0.5), {1, 10}).front();
  EXPECT_NEAR(scores.coverage68->value, std::erf(0.5 * 0.99446 / std::sqrt(2.0)), 0.015);
}

TEST(RegressionScores, OfRightPosteriorsTheErrorReachesTheBound) {
  constexpr std::size_t count = 20000;
  const auto scores = regression_scores(gaussian_draws(count, 1.0), {1, 10}).front();
  EXPECT_NEAR(scores.error_over_bound->value, 1.0, 4.0 / std::sqrt(2.0 * count));
}

TEST(RegressionScores, TheLogLikelihoodIsTheMeanOfThoseGiven) {
  auto numbers = numbers_of({1, 2}, {1, 2});
  numbers.cumulative = {0.5, 0.99};
  numbers.log_density = {-1, -4};
  numbers.sigma = {1, 1};
  const auto scores = regression_scores(numbers, {}).front();
  EXPECT_DOUBLE_EQ(scores.log_likelihood->value, -2.5);
  EXPECT_DOUBLE_EQ(scores.coverage68->value, 0.5);
  EXPECT_DOUBLE_EQ(scores.coverage95->value, 0.5);
}

TEST(RegressionScores, ErrorsAreThoseOfIndependentGroups) {
  // 200 groups of ten equal differences each: the error of the bias is that of 200 numbers.
  auto numbers = numbers_of({}, {});
  double sum = 0, squares = 0;
  for (std::uint64_t g = 0; g < 200; ++g) {
    RandomStream random(RandomPurpose::shuffle, 5, g);
    const double difference = random.normal();
    sum += difference / 200;
    squares += difference * difference / 200;
    for (int i = 0; i < 10; ++i) {
      numbers.truth.push_back(100.0 + i);
      numbers.mean.push_back(100.0 + i + difference);
      numbers.groups.push_back(g);
    }
  }
  const auto scores = regression_scores(numbers, {1, 3000}).front();
  const double expected = std::sqrt((squares - sum * sum) / 200);
  EXPECT_NEAR(scores.bias.error, expected, 0.06 * expected);
}

TEST(RegressionScores, OfOneGroupThereAreNoErrors) {
  auto numbers = numbers_of({1, 2, 3}, {1, 2, 4});
  numbers.groups = {7, 7, 7};
  const auto scores = regression_scores(numbers, {}).front();
  EXPECT_TRUE(std::isnan(scores.rmse.error));
  EXPECT_FALSE(std::isnan(scores.rmse.value));
}

}  // namespace
}  // namespace phiscope
