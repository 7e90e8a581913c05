#include "phiscope/learning/class_scores.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "phiscope/base/random.hpp"

namespace phiscope {
namespace {

ClassifiedSamples samples_of(std::size_t classes, const std::vector<double>& probabilities,
                             const std::vector<std::int32_t>& truth) {
  ClassifiedSamples samples{.classes = classes, .probabilities = probabilities, .truth = truth, .groups = {}};
  for (std::size_t i = 0; i < truth.size(); ++i) samples.groups.push_back(i);
  return samples;
}

/// Two classes, of which the second has these probabilities.
ClassifiedSamples two_classes(const std::vector<double>& second, const std::vector<std::int32_t>& truth) {
  std::vector<double> probabilities;
  for (const double p : second) {
    probabilities.push_back(1.0 - p);
    probabilities.push_back(p);
  }
  return samples_of(2, probabilities, truth);
}

/// Three classes, worked out by hand.
ClassifiedSamples four_of_three() {
  return samples_of(3,
                    {
                        0.5, 0.3, 0.2,   // right
                        0.1, 0.6, 0.3,   // right
                        0.2, 0.5, 0.3,   // is 2, said 1
                        0.0, 0.25, 0.75  // right
                    },
                    {0, 1, 2, 2});
}

TEST(ClassScores, AreAsWorkedOutByHand) {
  const auto scores = class_scores(four_of_three(), {});
  EXPECT_DOUBLE_EQ(scores.accuracy, 0.75);
  EXPECT_DOUBLE_EQ(scores.log_loss, -(std::log(0.5) + std::log(0.6) + std::log(0.3) + std::log(0.75)) / 4);
  const double brier = (0.25 + 0.09 + 0.04) + (0.01 + 0.16 + 0.09) + (0.04 + 0.25 + 0.49) + (0.0 + 0.0625 + 0.0625);
  EXPECT_DOUBLE_EQ(scores.brier, brier / 4);
  EXPECT_EQ(scores.confusion, (std::vector<std::int64_t>{1, 0, 0, 0, 1, 0, 0, 1, 1}));
  EXPECT_EQ(scores.samples, 4);
  EXPECT_EQ(scores.groups, 4);
  EXPECT_DOUBLE_EQ(scores.of_class[1].precision, 0.5);
  EXPECT_DOUBLE_EQ(scores.of_class[1].recall, 1.0);
  EXPECT_DOUBLE_EQ(scores.of_class[1].f1, 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(scores.of_class[2].precision, 1.0);
  EXPECT_DOUBLE_EQ(scores.of_class[2].recall, 0.5);
  EXPECT_EQ(scores.of_class[2].samples, 2);
  // Of class 2 the probabilities 0.3 and 0.75 against 0.2 and 0.3: one tie.
  EXPECT_DOUBLE_EQ(scores.of_class[2].auc, 3.5 / 4);
}

TEST(ClassScores, TheBrierScoreOfTwoClassesIsOfOneProbability) {
  EXPECT_DOUBLE_EQ(class_scores(two_classes({0.8, 0.3}, {1, 1}), {}).brier, (0.04 + 0.49) / 2);
}

TEST(ClassScores, AnImpossibleTruthCostsAFiniteLogLoss) {
  EXPECT_TRUE(std::isfinite(class_scores(two_classes({0.0, 1.0}, {1, 1}), {}).log_loss));
}

TEST(ClassScores, AmongEqualProbabilitiesTheFirstClassIsSaid) {
  EXPECT_DOUBLE_EQ(class_scores(two_classes({0.5, 0.5, 0.5}, {0, 0, 1}), {}).accuracy, 2.0 / 3.0);
}

TEST(ClassScores, TheAreaUnderTheCurveCountsPairsAndTiesHalf) {
  RandomStream random(RandomPurpose::shuffle, 1);
  std::vector<double> p;
  std::vector<std::int32_t> truth;
  for (int i = 0; i < 200; ++i) {
    truth.push_back(static_cast<std::int32_t>(random.below(2)));
    p.push_back(static_cast<double>(random.below(8) + static_cast<std::uint64_t>(truth.back())) / 10.0);  // many ties
  }
  double better = 0, pairs = 0;
  for (std::size_t i = 0; i < p.size(); ++i)
    for (std::size_t j = 0; j < p.size(); ++j) {
      if (truth[i] != 1 || truth[j] != 0) continue;
      better += p[i] > p[j] ? 1.0 : p[i] == p[j] ? 0.5 : 0.0;
      pairs += 1.0;
    }
  const auto scores = class_scores(two_classes(p, truth), {});
  EXPECT_NEAR(scores.of_class[1].auc, better / pairs, 1e-12);
  // And the curve has this area beneath it.
  const auto roc = roc_of_class(two_classes(p, truth), 1);
  double area = 0;
  for (std::size_t i = 1; i < roc.true_positive_rate.size(); ++i)
    area += 0.5 * (roc.true_positive_rate[i] + roc.true_positive_rate[i - 1]) *
            (roc.false_positive_rate[i] - roc.false_positive_rate[i - 1]);
  EXPECT_NEAR(area, better / pairs, 1e-12);
}

TEST(ClassScores, WithoutOneOfTheClassesThereIsNoCurve) {
  const auto samples = two_classes({0.2, 0.7}, {1, 1});
  EXPECT_TRUE(std::isnan(class_scores(samples, {}).of_class[1].auc));
  EXPECT_TRUE(roc_of_class(samples, 1).true_positive_rate.empty());
  EXPECT_DOUBLE_EQ(class_scores(samples, {}).of_class[0].recall, 0.0);
}

TEST(ClassScores, ConfidenceThatIsRightHasNoCalibrationError) {
  // Of ten samples with confidence 0.8 eight are right.
  const auto samples = two_classes(std::vector<double>(10, 0.8), {1, 1, 1, 1, 1, 1, 1, 1, 0, 0});
  EXPECT_NEAR(class_scores(samples, {}).calibration_error, 0.0, 1e-12);
  const auto half = two_classes(std::vector<double>(10, 0.8), {1, 1, 1, 1, 1, 0, 0, 0, 0, 0});
  EXPECT_NEAR(class_scores(half, {}).calibration_error, 0.3, 1e-12);
}

TEST(ClassScores, CalibrationIsOfEachBinWeightedByItsSamples) {
  // 0.9 (bin 13): 3 of 4 right; 0.6 (bin 9): 1 of 2 right.
  const auto samples = two_classes({0.9, 0.9, 0.9, 0.9, 0.6, 0.6}, {1, 1, 1, 0, 1, 0});
  EXPECT_NEAR(class_scores(samples, {}).calibration_error, (4 * 0.15 + 2 * 0.1) / 6, 1e-12);
  const auto curve = calibration_curve(samples);
  ASSERT_EQ(curve.confidence.size(), 2U);
  EXPECT_NEAR(curve.confidence[0], 0.6, 1e-12);
  EXPECT_EQ(curve.accuracy, (std::vector<double>{0.5, 0.75}));
  EXPECT_EQ(curve.samples, (std::vector<std::int64_t>{2, 4}));
}

TEST(ClassScores, CertaintyIsInTheLastBin) {
  EXPECT_NEAR(class_scores(two_classes({1.0, 1.0}, {1, 1}), {}).calibration_error, 0.0, 1e-12);
}

/// `groups` groups of `of_each` samples, all of a group right or all wrong, with this accuracy.
ClassifiedSamples grouped(std::uint64_t groups, std::size_t of_each, double accuracy) {
  ClassifiedSamples samples = two_classes({}, {});
  for (std::uint64_t g = 0; g < groups; ++g)
    for (std::size_t i = 0; i < of_each; ++i) {
      samples.probabilities.insert(samples.probabilities.end(), {0.1, 0.9});
      samples.truth.push_back(static_cast<double>(g) < accuracy * static_cast<double>(groups) ? 1 : 0);
      samples.groups.push_back(g);
    }
  return samples;
}

TEST(ClassScores, TheErrorOfTheAccuracyIsBinomial) {
  for (const double p : {0.5, 0.9}) {
    const auto scores = class_scores(grouped(400, 1, p), {1, 4000});
    EXPECT_NEAR(scores.accuracy, p, 1e-12);
    EXPECT_NEAR(scores.accuracy_error, std::sqrt(p * (1 - p) / 400), 0.05 * std::sqrt(p * (1 - p) / 400));
  }
}

TEST(ClassScores, SamplesOfAGroupAreNotIndependent) {
  const double p = 0.75;
  const auto scores = class_scores(grouped(100, 25, p), {1, 4000});
  EXPECT_NEAR(scores.accuracy_error, std::sqrt(p * (1 - p) / 100), 0.05 * std::sqrt(p * (1 - p) / 100));
  EXPECT_TRUE(std::isnan(class_scores(grouped(1, 25, p), {}).accuracy_error));
}

TEST(ClassScores, TheBootstrapFollowsFromItsSeed) {
  const auto samples = grouped(50, 1, 0.6);
  EXPECT_EQ(class_scores(samples, {3, 100}).accuracy_error, class_scores(samples, {3, 100}).accuracy_error);
  EXPECT_NE(class_scores(samples, {3, 100}).accuracy_error, class_scores(samples, {4, 100}).accuracy_error);
}

TEST(RocOfClass, IsAsWorkedOutByHand) {
  const auto roc = roc_of_class(two_classes({0.9, 0.8, 0.8, 0.1}, {1, 1, 0, 0}), 1);
  EXPECT_EQ(roc.true_positive_rate, (std::vector<double>{0, 0.5, 1, 1}));
  EXPECT_EQ(roc.false_positive_rate, (std::vector<double>{0, 0, 0.5, 1}));
}

}  // namespace
}  // namespace phiscope
