#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/random.hpp"
#include "phiscope/statistics/likelihood_ratio.hpp"

namespace phiscope {
namespace {

/// Cubes whose bands are normal with unit scatter and correlation `rho` between neighbours, about `mean`.
BandPowers draw(std::uint64_t seed, int cubes, int bands, double mean, double rho) {
  BandPowers drawn(cubes, bands);
  RandomStream stream(RandomPurpose::bootstrap, seed);
  for (int i = 0; i < cubes; ++i) {
    double previous = stream.normal();
    for (int b = 0; b < bands; ++b) {
      drawn(i, b) = mean + previous;
      previous = rho * previous + std::sqrt(1.0 - rho * rho) * stream.normal();
    }
  }
  return drawn;
}

TEST(LikelihoodRatio, OneBandIsTheDistanceFromTheMidpointInVariances) {
  BandPowers negative(2, 1), positive(2, 1);
  negative << 0.0, 2.0;
  positive << 4.0, 6.0;
  const LikelihoodRatioClassifier classifier(negative, positive);
  // Means 1 and 5, pooled variance (1+1+1+1)/2 = 2: ln L₊/L₋ = (x − 3) · 4/2.
  EXPECT_NEAR(classifier.log_likelihood_ratio(Eigen::VectorXd::Constant(1, 3.0)), 0.0, 1e-14);
  EXPECT_NEAR(classifier.log_likelihood_ratio(Eigen::VectorXd::Constant(1, 4.5)), 3.0, 1e-13);
  EXPECT_NEAR(classifier.separation(), 4.0 / std::numbers::sqrt2, 1e-13);
  EXPECT_EQ(classifier.accuracy(negative, positive), 1.0);
}

TEST(LikelihoodRatio, UnitsOfABandDoNotMatter) {
  const BandPowers negative = draw(1, 12, 5, 0.0, 0.5), positive = draw(2, 12, 5, 0.4, 0.5);
  const LikelihoodRatioClassifier plain(negative, positive);
  const Eigen::VectorXd units = Eigen::VectorXd::LinSpaced(5, 1e-6, 1e3);
  const LikelihoodRatioClassifier scaled(negative * units.asDiagonal(), positive * units.asDiagonal());
  const Eigen::VectorXd bands = positive.row(3).transpose();
  EXPECT_NEAR(plain.log_likelihood_ratio(bands), scaled.log_likelihood_ratio(bands.cwiseProduct(units)), 1e-9);
}

TEST(LikelihoodRatio, ManySeedsReachTheAccuracyOfTheTrueModel) {
  const int bands = 4;
  const double shift = 0.6, rho = 0.7;
  const LikelihoodRatioClassifier classifier(draw(3, 4000, bands, 0.0, rho), draw(4, 4000, bands, shift, rho));
  // A chain of correlation ρ holds 1 + (bands − 1)(1 − ρ)/(1 + ρ) independent measurements of a common shift.
  const double distance = shift * std::sqrt(1.0 + (bands - 1) * (1.0 - rho) / (1.0 + rho));
  EXPECT_NEAR(classifier.separation(), distance, 0.08);
  EXPECT_LT(classifier.shrinkage(), 0.01);
  const double accuracy = classifier.accuracy(draw(5, 4000, bands, 0.0, rho), draw(6, 4000, bands, shift, rho));
  EXPECT_NEAR(accuracy, normal_probability(0.5 * distance), 0.02);
}

TEST(LikelihoodRatio, FewerSeedsThanBandsStillClassify) {
  const LikelihoodRatioClassifier classifier(draw(7, 8, 20, 0.0, 0.3), draw(8, 8, 20, 1.0, 0.3));
  EXPECT_GT(classifier.shrinkage(), 0.1);
  EXPECT_LE(classifier.shrinkage(), 1.0);
  EXPECT_GT(classifier.accuracy(draw(9, 200, 20, 0.0, 0.3), draw(10, 200, 20, 1.0, 0.3)), 0.85);
}

TEST(LikelihoodRatio, EqualClassesAreACoinToss) {
  const LikelihoodRatioClassifier classifier(draw(11, 500, 3, 0.0, 0.0), draw(12, 500, 3, 0.0, 0.0));
  EXPECT_NEAR(classifier.accuracy(draw(13, 2000, 3, 0.0, 0.0), draw(14, 2000, 3, 0.0, 0.0)), 0.5, 0.03);
}

TEST(LikelihoodRatio, BadTrainingSetsAreNamed) {
  const BandPowers good = draw(15, 5, 3, 0.0, 0.0);
  BandPowers not_finite = good, constant = good;
  not_finite(2, 1) = std::nan("");
  constant.col(0).setOnes();
  EXPECT_THROW(LikelihoodRatioClassifier(good, good.topRows(1)), Error);
  EXPECT_THROW(LikelihoodRatioClassifier(good, good.leftCols(2)), Error);
  EXPECT_THROW(LikelihoodRatioClassifier(good, not_finite), Error);
  EXPECT_THROW(LikelihoodRatioClassifier(constant, constant), Error);
}

TEST(GaussianFieldAccuracy, KnownValues) {
  EXPECT_DOUBLE_EQ(gaussian_field_accuracy(std::vector<double>{10, 20}, std::vector<double>{1.0, 1.0}), 0.5);
  // One complex mode: its power is exponential, and the classes are told apart where their densities cross.
  for (const double ratio : {0.05, 0.7, 1.001, 2.0, 30.0}) {
    const double threshold = std::log(ratio) / (1.0 - 1.0 / ratio);
    const double expected = 0.5 + 0.5 * std::abs(std::exp(-threshold / ratio) - std::exp(-threshold));
    EXPECT_NEAR(gaussian_field_accuracy(std::vector<double>{1}, std::vector<double>{ratio}), expected, 2e-6) << ratio;
  }
  // One real mode, told apart by its absolute value.
  for (const double ratio : {0.05, 0.7, 1.001, 2.0, 30.0}) {
    const double threshold = std::sqrt(0.5 * std::log(ratio) / (1.0 - 1.0 / ratio));
    const double expected = 0.5 + 0.5 * std::abs(std::erf(threshold) - std::erf(threshold / std::sqrt(ratio)));
    EXPECT_NEAR(gaussian_field_accuracy(std::vector<double>{0.5}, std::vector<double>{ratio}), expected, 2e-6) << ratio;
  }
  // Many modes of ratios near 1: Φ(d/2), d² = Σ m ln² r = 1 each time.
  for (const double modes : {1e6, 1e8, 1e10}) {
    const double ratio = std::exp(1.0 / std::sqrt(modes));
    const double accuracy = gaussian_field_accuracy(std::vector<double>{modes}, std::vector<double>{ratio});
    EXPECT_NEAR(accuracy, normal_probability(0.5), 2e-6) << modes;
  }
  // d² = 4, half of it from power that falls.
  EXPECT_NEAR(
      gaussian_field_accuracy(std::vector<double>{2e8, 2e8}, std::vector<double>{std::exp(1e-4), std::exp(-1e-4)}),
      normal_probability(1.0), 2e-6);
  // Certain, and no information to speak of.
  EXPECT_NEAR(gaussian_field_accuracy(std::vector<double>{1000}, std::vector<double>{10.0}), 1.0, 1e-6);
  EXPECT_NEAR(gaussian_field_accuracy(std::vector<double>{1}, std::vector<double>{1.0 + 1e-9}), 0.5, 2e-6);
  // Bins that say nothing change nothing.
  EXPECT_DOUBLE_EQ(gaussian_field_accuracy(std::vector<double>{5, 7, 9}, std::vector<double>{1.0, 1.3, 1.0}),
                   gaussian_field_accuracy(std::vector<double>{7}, std::vector<double>{1.3}));
  for (const double ratio : {0.0, -1.0, std::numeric_limits<double>::infinity(), std::nan("")})
    EXPECT_THROW(gaussian_field_accuracy(std::vector<double>{4}, std::vector<double>{ratio}), Error) << ratio;
}

TEST(GaussianFieldAccuracy, IsWhatTheLikelihoodRatioOfDrawnModesReaches) {
  const int modes = 100, trials = 20000;
  const double ratio = 1.2;
  // The likelihood ratio of exponential |φ|² is a threshold on their sum, where the two log-likelihoods cross.
  const double threshold = modes * std::log(ratio) / (1.0 - 1.0 / ratio);
  int right = 0;
  RandomStream stream(RandomPurpose::gaussian_field, 5);
  for (int trial = 0; trial < trials; ++trial) {
    const bool positive = trial % 2 != 0;
    double sum = 0.0;
    for (int i = 0; i < modes; ++i) sum -= (positive ? ratio : 1.0) * std::log1p(-stream.uniform());
    right += (sum > threshold) == positive ? 1 : 0;
  }
  const double expected = gaussian_field_accuracy(std::vector<double>{modes}, std::vector<double>{ratio});
  // Four standard deviations.
  EXPECT_NEAR(static_cast<double>(right) / trials, expected, 4.0 * std::sqrt(expected * (1.0 - expected) / trials));
}

}  // namespace
}  // namespace phiscope
