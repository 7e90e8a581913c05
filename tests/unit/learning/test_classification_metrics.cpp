#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/random.hpp"
#include "phiscope/learning/classification_metrics.hpp"

namespace phiscope {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Two gr right, one gr wrong, three newton right, one newton wrong.
const std::vector<ScoredSample> seven{{1, true, 2.0},  {1, false, -1.0}, {2, true, 1.0},  {2, false, -2.0},
                                      {3, true, -0.5}, {3, false, 0.5},  {4, false, -3.0}};

std::vector<ScoredSample> random_samples(std::size_t count) {
  RandomStream random(RandomPurpose::shuffle, 3);
  std::vector<ScoredSample> samples;
  for (std::size_t i = 0; i < count; ++i) {
    const bool is_positive = random.below(2) == 1;
    // Few distinct values, so that there are many ties.
    samples.push_back(
        {random.below(20), is_positive, static_cast<double>(random.below(7)) - 3.0 + (is_positive ? 1.0 : 0.0)});
  }
  return samples;
}

double mann_whitney(std::span<const ScoredSample> samples) {
  double wins = 0;
  double comparisons = 0;
  for (const auto& gr : samples) {
    for (const auto& newton : samples) {
      if (!gr.is_positive || newton.is_positive) continue;
      wins += gr.logit > newton.logit ? 1.0 : gr.logit == newton.logit ? 0.5 : 0.0;
      ++comparisons;
    }
  }
  return wins / comparisons;
}

TEST(ClassificationMetrics, ConfusionHasGrAsThePositiveClass) {
  const std::array<std::array<std::int64_t, 2>, 2> expected{{{3, 1}, {1, 2}}};
  EXPECT_EQ(classification_metrics(seven, 1).confusion, expected);
}

TEST(ClassificationMetrics, RatiosFollowFromTheConfusion) {
  const auto metrics = classification_metrics(seven, 1);
  EXPECT_DOUBLE_EQ(metrics.accuracy, 5.0 / 7.0);
  EXPECT_DOUBLE_EQ(metrics.precision, 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(metrics.recall, 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(metrics.f1, 2.0 / 3.0);
}

TEST(ClassificationMetrics, CountsSamplesAndSeeds) {
  const auto metrics = classification_metrics(seven, 1);
  EXPECT_EQ(metrics.samples, 7);
  EXPECT_EQ(metrics.seeds, 4);
}

TEST(ClassificationMetrics, LossOfAnUndecidedNetworkIsLogTwo) {
  const std::vector<ScoredSample> undecided{{1, true, 0.0}, {1, false, 0.0}};
  EXPECT_DOUBLE_EQ(classification_metrics(undecided, 1).loss, std::log(2.0));
}

TEST(ClassificationMetrics, LossIsTheMeanLogProbabilityOfTheTrueClass) {
  const std::vector<ScoredSample> samples{{1, true, std::log(3.0)}, {1, false, std::log(3.0)}};
  EXPECT_DOUBLE_EQ(classification_metrics(samples, 1).loss, 0.5 * (-std::log(0.75) - std::log(0.25)));
}

TEST(ClassificationMetrics, LossOfHugeLogitsNeitherOverflowsNorVanishes) {
  const std::vector<ScoredSample> samples{{1, true, -1000.0}, {1, false, -1000.0}};
  EXPECT_DOUBLE_EQ(classification_metrics(samples, 1).loss, 500.0);
}

TEST(ClassificationMetrics, ZeroLogitCountsAsNewton) {
  const std::vector<ScoredSample> samples{{1, true, 0.0}, {1, false, 0.0}};
  const std::array<std::array<std::int64_t, 2>, 2> expected{{{1, 0}, {1, 0}}};
  EXPECT_EQ(classification_metrics(samples, 1).confusion, expected);
}

TEST(ClassificationMetrics, PrecisionAndF1AreZeroWhenNothingIsCalledGr) {
  const std::vector<ScoredSample> samples{{1, true, -1.0}, {1, false, -1.0}};
  const auto metrics = classification_metrics(samples, 1);
  EXPECT_EQ(metrics.precision, 0.0);
  EXPECT_EQ(metrics.recall, 0.0);
  EXPECT_EQ(metrics.f1, 0.0);
}

TEST(ClassificationMetrics, AucIsNotDefinedWithOneClass) {
  EXPECT_TRUE(std::isnan(classification_metrics(std::vector<ScoredSample>{{1, true, 1.0}, {2, true, 2.0}}, 1).auc));
}

TEST(ClassificationMetrics, AucIsOneWhenClassesAreSeparatedAndZeroWhenSwapped) {
  const std::vector<ScoredSample> right{{1, true, 3.0}, {1, false, 1.0}, {2, true, 2.0}, {2, false, 0.0}};
  const std::vector<ScoredSample> wrong{{1, false, 3.0}, {1, true, 1.0}, {2, false, 2.0}, {2, true, 0.0}};
  EXPECT_EQ(classification_metrics(right, 1).auc, 1.0);
  EXPECT_EQ(classification_metrics(wrong, 1).auc, 0.0);
}

TEST(ClassificationMetrics, AucCountsTiesHalf) {
  const std::vector<ScoredSample> tied{{1, true, 1.0}, {1, false, 1.0}};
  EXPECT_EQ(classification_metrics(tied, 1).auc, 0.5);
}

TEST(ClassificationMetrics, AucIsTheMannWhitneyStatistic) {
  const auto samples = random_samples(500);
  EXPECT_NEAR(classification_metrics(samples, 1).auc, mann_whitney(samples), 1e-14);
}

TEST(ClassificationMetrics, BootstrapErrorOfIndependentSamplesIsBinomial) {
  std::vector<ScoredSample> samples;
  for (std::uint64_t seed = 0; seed < 400; ++seed) samples.push_back({seed, true, seed % 5 == 0 ? -1.0 : 1.0});
  // A standard deviation from n resamples is known to 1/sqrt(2n): 0.7 % here, five of them allowed.
  const double expected = std::sqrt(0.8 * 0.2 / 400);
  EXPECT_NEAR(classification_metrics(samples, 7, 10000).accuracy_error, expected, 0.035 * expected);
}

TEST(ClassificationMetrics, BootstrapErrorDoesNotShrinkWithMoreSlicesPerSeed) {
  std::vector<ScoredSample> samples;
  for (std::uint64_t seed = 0; seed < 400; ++seed)
    for (int slice = 0; slice < 10; ++slice) samples.push_back({seed, true, seed % 5 == 0 ? -1.0 : 1.0});
  const double expected = std::sqrt(0.8 * 0.2 / 400);
  EXPECT_NEAR(classification_metrics(samples, 7, 10000).accuracy_error, expected, 0.035 * expected);
}

TEST(ClassificationMetrics, BootstrapErrorIsZeroWhenAllSeedsAreAlike) {
  const std::vector<ScoredSample> samples{{1, true, 1.0}, {1, false, 1.0}, {2, true, 1.0}, {2, false, 1.0}};
  EXPECT_EQ(classification_metrics(samples, 1).accuracy_error, 0.0);
}

TEST(ClassificationMetrics, BootstrapErrorIsNotDefinedWithOneSeed) {
  EXPECT_TRUE(std::isnan(classification_metrics(std::vector<ScoredSample>{{1, true, 1.0}}, 1).accuracy_error));
}

TEST(ClassificationMetrics, DoNotDependOnTheOrderOfSamples) {
  auto samples = random_samples(300);
  const auto before = classification_metrics(samples, 5);
  std::reverse(samples.begin(), samples.end());
  const auto after = classification_metrics(samples, 5);
  EXPECT_EQ(before.loss, after.loss);
  EXPECT_EQ(before.accuracy_error, after.accuracy_error);
  EXPECT_EQ(before.auc, after.auc);
}

TEST(ClassificationMetrics, RefuseNothing) {
  EXPECT_THROW(classification_metrics({}, 1), Error);
}

TEST(ClassificationMetrics, NameTheSeedOfALogitThatIsNotANumber) {
  const std::vector<ScoredSample> samples{{1, true, 1.0}, {42, false, std::nan("")}};
  try {
    classification_metrics(samples, 1);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("seed 42 (class 0)"), std::string::npos) << error.what();
  }
}

TEST(RocCurve, HasOnePointPerDistinctLogit) {
  const std::vector<ScoredSample> samples{{1, true, 2.0}, {1, false, 1.0}, {2, true, 1.0}, {2, false, 0.0}};
  const auto curve = roc_curve(samples);
  EXPECT_EQ(curve.threshold, (std::vector<double>{infinity, 2.0, 1.0, 0.0}));
  EXPECT_EQ(curve.false_positive_rate, (std::vector<double>{0.0, 0.0, 0.5, 1.0}));
  EXPECT_EQ(curve.true_positive_rate, (std::vector<double>{0.0, 0.5, 1.0, 1.0}));
}

TEST(RocCurve, ItsAreaIsTheAuc) {
  const auto samples = random_samples(500);
  const auto curve = roc_curve(samples);
  double area = 0;
  for (std::size_t i = 1; i < curve.threshold.size(); ++i)
    area += 0.5 * (curve.true_positive_rate[i] + curve.true_positive_rate[i - 1]) *
            (curve.false_positive_rate[i] - curve.false_positive_rate[i - 1]);
  EXPECT_NEAR(area, classification_metrics(samples, 1).auc, 1e-14);
}

TEST(RocCurve, IsEmptyWithOneClass) {
  EXPECT_TRUE(roc_curve(std::vector<ScoredSample>{{1, true, 1.0}}).threshold.empty());
}

TEST(AggregatePerCube, IsTheMeanLogitOfEachCubeInOrder) {
  const std::vector<ScoredSample> slices{{9, true, 1.0}, {2, true, 4.0},  {9, false, -1.0},
                                         {9, true, 3.0}, {2, true, -1.0}, {9, false, -2.0}};
  const auto cubes = aggregate_per_cube(slices);
  ASSERT_EQ(cubes.size(), 3U);
  EXPECT_EQ(cubes[0].seed, 2U);
  EXPECT_TRUE(cubes[0].is_positive);
  EXPECT_EQ(cubes[0].logit, 1.5);
  EXPECT_EQ(cubes[1].seed, 9U);
  EXPECT_FALSE(cubes[1].is_positive);
  EXPECT_EQ(cubes[1].logit, -1.5);
  EXPECT_EQ(cubes[2].seed, 9U);
  EXPECT_TRUE(cubes[2].is_positive);
  EXPECT_EQ(cubes[2].logit, 2.0);
}

TEST(AggregatePerCube, DoesNotDependOnTheOrderOfSlices) {
  std::vector<ScoredSample> slices{{1, true, 1e16}, {1, true, 1.0}, {1, true, -1e16}, {1, true, 0.3}};
  const double before = aggregate_per_cube(slices).front().logit;
  std::swap(slices[0], slices[3]);
  EXPECT_EQ(aggregate_per_cube(slices).front().logit, before);
}

TEST(AggregatePerCube, OfNothingIsNothing) {
  EXPECT_TRUE(aggregate_per_cube({}).empty());
}

}  // namespace
}  // namespace phiscope
