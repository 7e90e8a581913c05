#include <gtest/gtest.h>

#include <cmath>

#include "phiscope/base/error.hpp"
#include "phiscope/statistics/ensemble.hpp"

namespace phiscope {
namespace {

BandPowers three_seeds() {
  BandPowers powers(3, 2);
  powers << 1.0, 10.0,  //
      2.0, 30.0,        //
      6.0, 20.0;
  return powers;
}

TEST(Ensemble, MeanAndSampleStandardDeviation) {
  const EnsembleSummary summary = summarise(three_seeds());
  EXPECT_DOUBLE_EQ(summary.mean[0], 3.0);
  EXPECT_DOUBLE_EQ(summary.mean[1], 20.0);
  EXPECT_DOUBLE_EQ(summary.standard_deviation[0], std::sqrt(7.0));
  EXPECT_DOUBLE_EQ(summary.standard_deviation[1], 10.0);
}

TEST(Ensemble, StandardErrorIsTheDeviationOfTheMean) {
  const EnsembleSummary summary = summarise(three_seeds());
  EXPECT_DOUBLE_EQ(summary.standard_error[0], std::sqrt(7.0 / 3.0));
  EXPECT_DOUBLE_EQ(summary.standard_error[1], 10.0 / std::sqrt(3.0));
}

TEST(Ensemble, OneSeedHasNoKnownScatter) {
  const EnsembleSummary summary = summarise(three_seeds().topRows(1));
  EXPECT_DOUBLE_EQ(summary.mean[1], 10.0);
  EXPECT_TRUE(std::isnan(summary.standard_deviation[1]));
  EXPECT_TRUE(std::isnan(summary.standard_error[1]));
}

TEST(Ensemble, PairedRatioIsTheMeanOfTheRatiosNotTheRatioOfTheMeans) {
  BandPowers a(2, 1), b(2, 1);
  a << 2.0, 40.0;
  b << 1.0, 10.0;
  const PairedRatio paired = paired_ratio(a, b);
  EXPECT_DOUBLE_EQ(paired.ratio[0], 3.0);
  EXPECT_DOUBLE_EQ(paired.error[0], 1.0);
}

TEST(Ensemble, PairedRatioIsFreeOfCosmicVariance) {
  const PairedRatio paired = paired_ratio(1.01 * three_seeds(), three_seeds());
  EXPECT_NEAR(paired.ratio[0], 1.01, 1e-14);
  EXPECT_NEAR(paired.error[0], 0.0, 1e-14);
}

TEST(Ensemble, CovarianceByHand) {
  const Eigen::MatrixXd found = covariance(three_seeds());
  // Deviations (−2, −1, 3) and (−10, 10, 0).
  EXPECT_DOUBLE_EQ(found(0, 0), 7.0);
  EXPECT_DOUBLE_EQ(found(1, 1), 100.0);
  EXPECT_DOUBLE_EQ(found(0, 1), 5.0);
  EXPECT_DOUBLE_EQ(found(1, 0), 5.0);
}

TEST(Ensemble, CorrelationByHand) {
  const Eigen::MatrixXd found = correlation(covariance(three_seeds()));
  EXPECT_DOUBLE_EQ(found(0, 0), 1.0);
  EXPECT_DOUBLE_EQ(found(1, 1), 1.0);
  EXPECT_DOUBLE_EQ(found(0, 1), 5.0 / std::sqrt(700.0));
}

TEST(Ensemble, PairedDifferencesAndRatiosGoSeedBySeed) {
  BandPowers a(2, 1), b(2, 1);
  a << 2.0, 40.0;
  b << 1.0, 10.0;
  EXPECT_DOUBLE_EQ(paired_differences(a, b)(0, 0), 1.0);
  EXPECT_DOUBLE_EQ(paired_differences(a, b)(1, 0), 30.0);
  EXPECT_DOUBLE_EQ(paired_ratios(a, b)(1, 0), 4.0);
}

TEST(Ensemble, ImpossibleRequestsAreNamed) {
  EXPECT_THROW(summarise(BandPowers(0, 3)), Error);
  EXPECT_THROW(covariance(three_seeds().topRows(1)), Error);
  EXPECT_THROW(paired_ratio(three_seeds(), three_seeds().topRows(2)), Error);
  EXPECT_THROW(paired_differences(three_seeds(), three_seeds().leftCols(1)), Error);
}

}  // namespace
}  // namespace phiscope
