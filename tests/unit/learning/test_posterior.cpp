#include "phiscope/learning/posterior.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "phiscope/base/random.hpp"
#include "phiscope/learning/expected_coverage.hpp"

namespace phiscope {
namespace {

const Posterior mixture({{0.3, -1.0, 0.5}, {0.6, 2.0, 1.5}, {0.1, 4.0, 0.2}});

/// ∫ f(x) p(x) dx from −15 to `end`, by Simpson's rule.
template <class Function>
double integral(const Posterior& posterior, Function f, double end = 15.0) {
  constexpr int steps = 20000;
  const double begin = -15.0, h = (end - begin) / steps;
  double sum = 0;
  for (int i = 0; i <= steps; ++i) {
    const double x = begin + h * i, weight = i == 0 || i == steps ? 1.0 : i % 2 == 1 ? 4.0 : 2.0;
    sum += weight * f(x) * std::exp(posterior.log_density(x));
  }
  return sum * h / 3.0;
}

TEST(Posterior, DensityIntegratesToOne) {
  EXPECT_NEAR(integral(mixture, [](double) { return 1.0; }), 1.0, 1e-10);
}

TEST(Posterior, MeanAndSigmaAreMomentsOfTheDensity) {
  const double mean = integral(mixture, [](double x) { return x; });
  EXPECT_NEAR(mixture.mean(), mean, 1e-10);
  EXPECT_NEAR(mixture.sigma(), std::sqrt(integral(mixture, [&](double x) { return (x - mean) * (x - mean); })), 1e-10);
}

TEST(Posterior, CumulativeIsTheIntegralOfTheDensity) {
  for (const double x : {-2.0, 0.0, 1.5, 4.0, 6.0})
    EXPECT_NEAR(mixture.cumulative(x),
                integral(
                    mixture, [](double) { return 1.0; }, x),
                1e-10)
        << x;
}

TEST(Posterior, FarTailsKeepTheirLogarithm) {
  const Posterior normal({{1.0, 0.0, 1.0}});
  EXPECT_NEAR(normal.log_density(100.0), -5000.0 - 0.5 * std::log(2.0 * std::numbers::pi), 1e-9);
  EXPECT_TRUE(std::isfinite(mixture.log_density(1e6)));
}

TEST(Posterior, DrawsHaveItsMoments) {
  RandomStream random(RandomPurpose::bootstrap, 1);
  constexpr int count = 100000;
  double sum = 0, squares = 0, below = 0;
  for (int i = 0; i < count; ++i) {
    const double x = mixture.draw(random);
    sum += x;
    squares += x * x;
    below += x < 1.0 ? 1.0 : 0.0;
  }
  const double mean = sum / count;
  EXPECT_NEAR(mean, mixture.mean(), 4.0 * mixture.sigma() / std::sqrt(count));
  EXPECT_NEAR(std::sqrt(squares / count - mean * mean), mixture.sigma(), 0.02);
  EXPECT_NEAR(below / count, mixture.cumulative(1.0), 0.01);
}

PosteriorReader reader_of(Density density, std::int64_t components = 1) {
  return {.density = density, .components = components, .names = {"a", "b"}, .shift = {10, -1}, .scale = {2, 0.5}};
}

TEST(PosteriorReader, APointIsScaledBack) {
  const auto reader = reader_of(Density::point);
  EXPECT_EQ(reader.outputs(), 2);
  const std::vector<float> outputs{1.5F, -4};
  EXPECT_DOUBLE_EQ(reader.read(outputs, 0).mean(), 13.0);
  EXPECT_DOUBLE_EQ(reader.read(outputs, 1).mean(), -3.0);
  EXPECT_EQ(reader.read(outputs, 1).sigma(), 0.0);
}

TEST(PosteriorReader, OfAGaussianTheMeansComeBeforeTheLogVariances) {
  const auto reader = reader_of(Density::gaussian);
  EXPECT_EQ(reader.outputs(), 4);
  const std::vector<float> outputs{1.5F, -4, 2, -100};
  EXPECT_DOUBLE_EQ(reader.read(outputs, 0).mean(), 13.0);
  EXPECT_NEAR(reader.read(outputs, 0).sigma(), 2.0 * std::exp(1.0), 1e-12);
  EXPECT_NEAR(reader.read(outputs, 1).sigma(), 0.5 * std::exp(-15.0), 1e-18);  // bounded as in the loss
}

TEST(PosteriorReader, OfMomentsTheSignOfTheDeviationMeansNothing) {
  const auto reader = reader_of(Density::moments);
  EXPECT_EQ(reader.outputs(), 4);
  const std::vector<float> outputs{1.5F, -4, 0.25F, -3};
  EXPECT_DOUBLE_EQ(reader.read(outputs, 0).sigma(), 0.5);
  EXPECT_DOUBLE_EQ(reader.read(outputs, 1).sigma(), 1.5);
}

TEST(PosteriorReader, OfAMixtureWeightsThenMeansThenLogSigmas) {
  const auto reader = reader_of(Density::mixture, 2);
  EXPECT_EQ(reader.outputs(), 12);
  // Of target a, then of b: two logits each; then the means; then ln σ.
  const std::vector<float> outputs{0, std::log(3.0F), 500, 0, 1, 2, 3, 4, 0, 1, -1, 0};
  const auto a = reader.read(outputs, 0), b = reader.read(outputs, 1);
  ASSERT_EQ(a.components().size(), 2U);
  EXPECT_NEAR(a.components()[0].weight, 0.25, 1e-6);
  EXPECT_NEAR(a.components()[1].weight, 0.75, 1e-6);
  EXPECT_DOUBLE_EQ(a.components()[1].mean, 14.0);
  EXPECT_NEAR(a.components()[1].sigma, 2.0 * std::exp(1.0), 1e-12);
  EXPECT_NEAR(b.components()[0].weight, 1.0, 1e-12);
  EXPECT_DOUBLE_EQ(b.components()[0].mean, 0.5);
  EXPECT_NEAR(b.components()[0].sigma, 0.5 * std::exp(-1.0), 1e-12);
}

/// Truths from Gaussians of two targets, and posteriors of `width` times their deviation, off by `shift` of it.
ExpectedCoverage coverage_of(double width, double shift = 0) {
  constexpr std::size_t samples = 2000;
  std::vector<Posterior> posteriors;
  std::vector<double> truth;
  for (std::size_t i = 0; i < samples; ++i)
    for (std::uint64_t t = 0; t < 2; ++t) {
      RandomStream random(RandomPurpose::shuffle, 9, i, t);
      const double sigma = 0.5 + random.uniform(), mean = 10.0 * random.uniform();
      posteriors.emplace_back(std::vector<Posterior::Component>{{1.0, mean, width * sigma}});
      truth.push_back(mean + sigma * (random.normal() + shift));
    }
  return expected_coverage(posteriors, truth, 2, 1);
}

TEST(ExpectedCoverage, OfRightPosteriorsIsWhatTheySay) {
  // The largest of 50 deviations of 2000 samples: 1.6/√2000 at the 99th percentile (Kolmogorov).
  EXPECT_LT(coverage_of(1.0).largest_deviation, 0.036 + 1.0 / 256);
}

TEST(ExpectedCoverage, OfOtherWidthsIsNot) {
  EXPECT_GT(coverage_of(0.5).largest_deviation, 0.1);
  EXPECT_GT(coverage_of(2.0).largest_deviation, 0.1);
  EXPECT_GT(coverage_of(1.0, 1.5).largest_deviation, 0.1);
}

TEST(ExpectedCoverage, OfNarrowPosteriorsIsTooSmall) {
  const auto coverage = coverage_of(0.5);
  for (std::size_t i = 0; i < coverage.credibility.size(); ++i)
    if (coverage.credibility[i] > 0.85 && coverage.credibility[i] < 1.0) {
      EXPECT_LT(coverage.coverage[i], coverage.credibility[i]);
    }
}

TEST(ExpectedCoverage, RisesFromZeroToOne) {
  const auto coverage = coverage_of(1.0);
  EXPECT_EQ(coverage.credibility.front(), 0.0);
  EXPECT_EQ(coverage.coverage.front(), 0.0);
  EXPECT_EQ(coverage.credibility.back(), 1.0);
  EXPECT_EQ(coverage.coverage.back(), 1.0);
  for (std::size_t i = 1; i < coverage.coverage.size(); ++i) EXPECT_GE(coverage.coverage[i], coverage.coverage[i - 1]);
}

}  // namespace
}  // namespace phiscope
