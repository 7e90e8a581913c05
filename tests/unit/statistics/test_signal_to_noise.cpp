#include <gtest/gtest.h>

#include <Eigen/LU>
#include <cmath>
#include <limits>

#include "phiscope/base/error.hpp"
#include "phiscope/statistics/signal_to_noise.hpp"

namespace phiscope {
namespace {

/// Eight seeds about the mean (1, 2, 0.5) with deviations that are orthogonal to each other, times a matrix: their
/// covariance is known by hand.
BandPowers seeds_with(const Eigen::MatrixXd& mixing) {
  Eigen::MatrixXd signs(8, 3);
  for (int seed = 0; seed < 8; ++seed)
    for (int band = 0; band < 3; ++band) signs(seed, band) = ((seed >> band) & 1) != 0 ? 1.0 : -1.0;
  const Eigen::RowVector3d mean(1.0, 2.0, 0.5);
  BandPowers powers = signs * mixing;
  powers.rowwise() += mean;
  return powers;
}

Eigen::Matrix3d correlated() {
  Eigen::Matrix3d mixing;
  mixing << 1.0, 0.5, 0.2,  //
      0.0, 1.0, 0.3,        //
      0.0, 0.0, 2.0;
  return mixing;
}

TEST(SignalToNoise, PerBandIsTheMeanOverTheScatterOfOneSeed) {
  const auto found = signal_to_noise(seeds_with(Eigen::Matrix3d::Identity()));
  // Eight values ±1: variance 8/7.
  EXPECT_NEAR(found.per_band[0], 1.0 / std::sqrt(8.0 / 7.0), 1e-14);
  EXPECT_NEAR(found.per_band[1], 2.0 / std::sqrt(8.0 / 7.0), 1e-14);
}

TEST(SignalToNoise, CumulatesIndependentBandsInQuadratureTimesHartlapsFactor) {
  const auto found = signal_to_noise(seeds_with(Eigen::Matrix3d::Identity()));
  EXPECT_EQ(found.covariance, BandCovariance::full);
  const double variance = 8.0 / 7.0;
  EXPECT_NEAR(found.cumulative[0], std::sqrt(5.0 / 7.0 * 1.0 / variance), 1e-12);
  EXPECT_NEAR(found.cumulative[1], std::sqrt(4.0 / 7.0 * 5.0 / variance), 1e-12);
  EXPECT_NEAR(found.cumulative[2], std::sqrt(3.0 / 7.0 * 5.25 / variance), 1e-12);
}

TEST(SignalToNoise, TakesTheWholeKnownCovarianceIntoAccount) {
  const Eigen::Matrix3d mixing = correlated();
  const auto found = signal_to_noise(seeds_with(mixing));
  const Eigen::Matrix3d known = 8.0 / 7.0 * mixing.transpose() * mixing;
  const Eigen::Vector3d mean(1.0, 2.0, 0.5);
  for (Eigen::Index bands = 1; bands <= 3; ++bands) {
    const Eigen::VectorXd d = mean.head(bands);
    const Eigen::MatrixXd block = known.topLeftCorner(bands, bands);
    const Eigen::VectorXd solved = block.fullPivLu().solve(d);
    const double square = d.dot(solved);
    EXPECT_NEAR(found.cumulative[bands - 1], std::sqrt(hartlap_factor(8, bands) * square), 1e-12) << bands;
  }
}

TEST(SignalToNoise, StartsAnewAtEachGroup) {
  const auto whole = signal_to_noise(seeds_with(correlated()).rightCols(2));
  const auto grouped = signal_to_noise(seeds_with(correlated()), {0, 1});
  EXPECT_NEAR(grouped.cumulative[1], whole.cumulative[0], 1e-12);
  EXPECT_NEAR(grouped.cumulative[2], whole.cumulative[1], 1e-12);
}

TEST(SignalToNoise, FewSeedsLeaveTheDiagonal) {
  const auto found = signal_to_noise(seeds_with(correlated()).topRows(5));
  EXPECT_EQ(found.covariance, BandCovariance::diagonal);
  EXPECT_NEAR(found.cumulative[2], found.per_band.norm(), 1e-12);
}

TEST(SignalToNoise, TakesTheDiagonalWhereItIsAskedFor) {
  const auto found = signal_to_noise(seeds_with(correlated()), {0}, BandCovariance::diagonal);
  EXPECT_EQ(found.covariance, BandCovariance::diagonal);
  EXPECT_NEAR(found.cumulative[2], found.per_band.norm(), 1e-12);
}

TEST(SignalToNoise, ARepeatedBandAddsNothing) {
  const BandPowers once = seeds_with(correlated());
  const auto expected = signal_to_noise(once);
  // Twice the first band, but for rounding; the first again; and the last in other units.
  BandPowers repeated = once(Eigen::all, std::vector<int>{0, 0, 1, 0, 2, 2});
  repeated.col(1) *= 1.0 + 1e-15;
  repeated.col(5) *= 1e9;
  const auto found = signal_to_noise(repeated);
  EXPECT_EQ(found.covariance, BandCovariance::full);
  EXPECT_EQ(found.repeated_bands, 3U);
  const std::vector<Eigen::Index> of_once{0, 0, 1, 1, 2, 2};
  for (std::size_t band = 0; band < of_once.size(); ++band)
    EXPECT_NEAR(found.cumulative[static_cast<Eigen::Index>(band)], expected.cumulative[of_once[band]], 1e-9) << band;
}

TEST(SignalToNoise, ABandThatFollowsFromSeveralAddsNothing) {
  BandPowers powers(8, 3);
  powers << seeds_with(correlated()).leftCols(2), seeds_with(correlated()).leftCols(2).rowwise().sum();
  const auto found = signal_to_noise(powers);
  EXPECT_EQ(found.covariance, BandCovariance::full);
  EXPECT_EQ(found.repeated_bands, 1U);
  EXPECT_DOUBLE_EQ(found.cumulative[2], found.cumulative[1]);
}

TEST(SignalToNoise, RepeatedBandsDoNotMakeTheSeedsTooFew) {
  // Three bands of eight seeds, each ten times.
  std::vector<int> often;
  for (int i = 0; i < 30; ++i) often.push_back(i % 3);
  const auto found = signal_to_noise(seeds_with(correlated())(Eigen::all, often));
  EXPECT_EQ(found.covariance, BandCovariance::full);
  EXPECT_NEAR(found.cumulative[29], signal_to_noise(seeds_with(correlated())).cumulative[2], 1e-9);
}

TEST(SignalToNoise, ARepeatedBandAddsNothingToTheDiagonalEither) {
  const auto once = signal_to_noise(seeds_with(correlated()).topRows(5));
  const auto found = signal_to_noise(seeds_with(correlated()).topRows(5)(Eigen::all, std::vector<int>{0, 0, 1, 2, 1}));
  EXPECT_EQ(found.covariance, BandCovariance::diagonal);
  EXPECT_EQ(found.repeated_bands, 2U);
  EXPECT_NEAR(found.cumulative[1], std::abs(found.per_band[0]), 1e-12);
  EXPECT_NEAR(found.cumulative[4], once.cumulative[2], 1e-12);
}

TEST(SignalToNoise, TwoSeedsDoNotMakeBandsRepeatEachOther) {
  BandPowers powers(2, 2);
  powers << 1.0, 5.0,  //
      2.0, 7.0;        // correlation 1, as between any two numbers of two seeds
  const auto found = signal_to_noise(powers);
  EXPECT_EQ(found.repeated_bands, 0U);
  EXPECT_NEAR(found.cumulative[1], found.per_band.norm(), 1e-12);
}

TEST(SignalToNoise, BandsWithoutANumberAddNothing) {
  BandPowers powers = seeds_with(correlated());
  const auto without = signal_to_noise(powers(Eigen::all, std::vector<int>{0, 2}));
  powers.col(1).setConstant(std::numeric_limits<double>::quiet_NaN());
  const auto found = signal_to_noise(powers);
  EXPECT_NEAR(found.cumulative[1], found.cumulative[0], 1e-12);
  EXPECT_NEAR(found.cumulative[2], without.cumulative[1], 1e-12);
}

TEST(SignalToNoise, OneSeedHasNone) {
  const auto found = signal_to_noise(seeds_with(correlated()).topRows(1));
  EXPECT_TRUE(std::isnan(found.per_band[0]));
  EXPECT_TRUE(std::isnan(found.cumulative[2]));
  EXPECT_THROW(signal_to_noise(BandPowers(0, 3)), Error);
}

TEST(HartlapFactor, MakesTheInverseUnbiased) {
  EXPECT_DOUBLE_EQ(hartlap_factor(101, 9), 0.9);
  EXPECT_DOUBLE_EQ(hartlap_factor(11, 9), 0.0);
  EXPECT_DOUBLE_EQ(hartlap_factor(5, 9), 0.0);
}

}  // namespace
}  // namespace phiscope
