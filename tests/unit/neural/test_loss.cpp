// The cross-entropies, and what all losses have in common.
#include "phiscope/neural/loss.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "loss_check.hpp"

namespace phiscope::neural {
namespace {

using test::expect_finite;
using test::expect_gradient;
using test::expect_lanes_average;
using test::problem_of;
using test::says;
using test::value_of;

const std::vector<float> some_logits{-2.0F, 0.5F, 3.0F, 1.0F};
const std::vector<float> some_labels{0.0F, 1.0F, 0.0F, 0.25F};

double sigmoid(float z) {
  return 1.0 / (1.0 + std::exp(-static_cast<double>(z)));
}

TEST(BinaryCrossEntropy, OfAnUndecidedLogitIsLogTwo) {
  EXPECT_DOUBLE_EQ(value_of(*Loss::make({}), {0.0F}, {1.0F}, 1), std::log(2.0));
}

TEST(BinaryCrossEntropy, IsTheMeanNegativeLogLikelihood) {
  double expected = 0.0;
  for (std::size_t i = 0; i < some_logits.size(); ++i) {
    const double p = sigmoid(some_logits[i]);
    const auto y = static_cast<double>(some_labels[i]);
    expected -= y * std::log(p) + (1.0 - y) * std::log(1.0 - p);
  }
  EXPECT_NEAR(value_of(*Loss::make({}), some_logits, some_labels, 4), expected / 4.0, 1e-12);
}

TEST(BinaryCrossEntropy, StaysFiniteForHugeLogits) {
  const auto loss = Loss::make({});
  const std::vector<float> logits{1e4F, -1e4F};
  std::vector<float> gradient(2);
  EXPECT_EQ(loss->evaluate(logits, std::vector<float>{1.0F, 0.0F}, 2, gradient), 0.0);
  EXPECT_EQ(gradient, (std::vector<float>{0.0F, 0.0F}));
  EXPECT_EQ(loss->evaluate(logits, std::vector<float>{0.0F, 1.0F}, 2, gradient), 1e4);
  EXPECT_EQ(gradient, (std::vector<float>{0.5F, -0.5F}));
}

TEST(BinaryCrossEntropy, WeightsEachClassAndDividesByTheSamples) {
  const auto loss = Loss::make({.class_weights = {2.0, 5.0}});
  const double zero = -std::log(1.0 - sigmoid(-2.0F)), one = -std::log(sigmoid(0.5F));
  EXPECT_NEAR(value_of(*loss, {-2.0F, 0.5F}, {0.0F, 1.0F}, 2), (2.0 * zero + 5.0 * one) / 2.0, 1e-12);
}

TEST(BinaryCrossEntropy, SmoothedLabelsAreThoseLabels) {
  const auto smoothed = Loss::make({.label_smoothing = 0.5});
  EXPECT_NEAR(value_of(*smoothed, some_logits, {0.0F, 1.0F, 0.0F, 0.5F}, 4),
              value_of(*Loss::make({}), some_logits, {0.25F, 0.75F, 0.25F, 0.5F}, 4), 1e-14);
}

TEST(BinaryCrossEntropy, GradientAgreesWithFiniteDifferences) {
  expect_gradient(*Loss::make({}), some_logits, some_labels, 4);
  expect_gradient(*Loss::make({.class_weights = {2.0, 5.0}, .label_smoothing = 0.1}), some_logits, some_labels, 2);
}

TEST(BinaryCrossEntropy, CountsSamplesWithAllLabelsRight) {
  const auto loss = Loss::make({});
  EXPECT_TRUE(loss->classifies());
  EXPECT_EQ(loss->count_correct(some_logits, some_labels, 4), 2);  // a logit of 3 for a 0, one of 1 for a 0.25
  EXPECT_EQ(loss->count_correct(some_logits, some_labels, 2), 1);
}

TEST(BinaryCrossEntropy, NeedsATargetForEveryLogit) {
  EXPECT_THROW((void)Loss::make({})->evaluate(std::vector<float>{0.0F}, {}, 1, {}), Error);
  const auto problem = problem_of([] { Loss::make({})->check_outputs(2, 1); });
  EXPECT_TRUE(says(problem, "binary_cross_entropy takes one output, a logit, for each target")) << problem;
  EXPECT_TRUE(says(problem, "1 target, the network gives 2 outputs")) << problem;
}

TEST(BinaryCrossEntropy, NamesATargetThatIsNoLabel) {
  const auto problem = problem_of([] { value_of(*Loss::make({}), {0.0F, 0.0F}, {1.0F, 1.5F}, 2); });
  EXPECT_TRUE(says(problem, "target 1 is 1.5, expected a label from 0 to 1")) << problem;
}

LossSettings categorical(std::vector<double> weights = {}, double smoothing = 0.0) {
  return {.name = "categorical_cross_entropy", .class_weights = std::move(weights), .label_smoothing = smoothing};
}

const std::vector<float> rows_of_three{1.0F, 2.0F, 0.5F, -1.0F, 0.0F, 3.0F};

TEST(CategoricalCrossEntropy, OfEqualLogitsIsTheLogOfTheClasses) {
  EXPECT_NEAR(value_of(*Loss::make(categorical()), std::vector<float>(5, 7.0F), {3.0F}, 1), std::log(5.0), 1e-14);
}

TEST(CategoricalCrossEntropy, OfTwoClassesIsBinaryInTheDifference) {
  const double two = value_of(*Loss::make(categorical()), {0.25F, 1.75F}, {1.0F}, 1);
  EXPECT_NEAR(two, value_of(*Loss::make({}), {1.5F}, {1.0F}, 1), 1e-14);
}

TEST(CategoricalCrossEntropy, IsTheMeanNegativeLogProbability) {
  const double first = std::exp(1.0) + std::exp(2.0) + std::exp(0.5), second = std::exp(-1.0) + 1.0 + std::exp(3.0);
  const double expected = -(std::log(std::exp(2.0) / first) + std::log(std::exp(-1.0) / second)) / 2.0;
  EXPECT_NEAR(value_of(*Loss::make(categorical()), rows_of_three, {1.0F, 0.0F}, 2), expected, 1e-12);
}

TEST(CategoricalCrossEntropy, WeightsTheTermsOfEachClass) {
  const std::vector<double> weights{0.5, 2.0, 3.0};
  const auto plain = Loss::make(categorical());
  const double first = value_of(*plain, {1.0F, 2.0F, 0.5F}, {1.0F}, 1),
               second = value_of(*plain, {-1.0F, 0.0F, 3.0F}, {0.0F}, 1);
  EXPECT_NEAR(value_of(*Loss::make(categorical(weights)), rows_of_three, {1.0F, 0.0F}, 2),
              (2.0 * first + 0.5 * second) / 2.0, 1e-12);
}

TEST(CategoricalCrossEntropy, SmoothingSpreadsTheLabelOverAllClasses) {
  const auto plain = Loss::make(categorical());
  const std::vector<float> logits{1.0F, 2.0F, 0.5F};
  double spread = 0.0;
  for (const float label : {0.0F, 1.0F, 2.0F}) spread += value_of(*plain, logits, {label}, 1) / 3.0;
  EXPECT_NEAR(value_of(*Loss::make(categorical({}, 0.3)), logits, {1.0F}, 1),
              0.7 * value_of(*plain, logits, {1.0F}, 1) + 0.3 * spread, 1e-12);
}

TEST(CategoricalCrossEntropy, GradientAgreesWithFiniteDifferences) {
  expect_gradient(*Loss::make(categorical()), rows_of_three, {1.0F, 0.0F}, 2);
  expect_gradient(*Loss::make(categorical({0.5, 2.0, 3.0}, 0.2)), rows_of_three, {1.0F, 2.0F}, 2);
}

TEST(CategoricalCrossEntropy, StaysFiniteForHugeLogits) {
  expect_finite(*Loss::make(categorical()), {1e4F, -1e4F, 0.0F}, {1.0F}, 1);
  EXPECT_EQ(value_of(*Loss::make(categorical()), {1e4F, -1e4F, 0.0F}, {1.0F}, 1), 2e4);
}

TEST(CategoricalCrossEntropy, CountsTheLargestLogit) {
  const auto loss = Loss::make(categorical());
  EXPECT_EQ(loss->count_correct(rows_of_three, std::vector<float>{1.0F, 2.0F}, 2), 2);
  EXPECT_EQ(loss->count_correct(rows_of_three, std::vector<float>{1.0F, 0.0F}, 2), 1);
}

TEST(CategoricalCrossEntropy, NamesWhatDoesNotFit) {
  const auto loss = Loss::make(categorical({1.0, 1.0, 1.0}));
  EXPECT_TRUE(says(problem_of([&] { loss->check_outputs(2, 1); }), "3 by its class weights"));
  EXPECT_TRUE(says(problem_of([&] { loss->check_outputs(3, 2); }), "one target, the class"));
  EXPECT_EQ(problem_of([&] { loss->check_outputs(3, 1); }), "");
  for (const float target : {3.0F, -1.0F, 0.5F, std::nanf("")}) {
    const auto problem = problem_of([&] { value_of(*loss, {0.0F, 0.0F, 0.0F}, {target}, 1); });
    EXPECT_TRUE(says(problem, "expected a class from 0 to 2")) << problem;
  }
}

TEST(Loss, MicroBatchesOfOneSizeAverageToTheBatch) {
  expect_lanes_average(*Loss::make({.class_weights = {2.0, 5.0}, .label_smoothing = 0.1}), some_logits, some_labels, 4,
                       2);
  expect_lanes_average(*Loss::make(categorical({0.5, 2.0, 3.0}, 0.2)), rows_of_three, {1.0F, 2.0F}, 2, 2);
  for (const char* name : {"mean_squared_error", "mean_absolute_error"})
    expect_lanes_average(*Loss::make({.name = name}), some_logits, some_labels, 4, 4);
  expect_lanes_average(*Loss::make({.name = "gaussian_nll"}), some_logits, {0.5F, 2.0F}, 2, 2);
  expect_lanes_average(*Loss::make({.name = "mixture_density", .components = 1}), rows_of_three, {0.5F, 2.0F}, 2, 2);
}

TEST(Loss, RefusesWhatItDoesNotKnow) {
  const auto problem = problem_of([] { (void)Loss::make({.name = "gausian_nll"}); });
  EXPECT_TRUE(says(problem, "unknown loss 'gausian_nll', did you mean 'gaussian_nll'?")) << problem;
  EXPECT_TRUE(says(problem, "moment_network")) << problem;
}

TEST(Loss, RefusesSettingsWithoutAMeaning) {
  const auto making = [](LossSettings settings) { return problem_of([&] { (void)Loss::make(settings); }); };
  EXPECT_TRUE(says(making({.class_weights = {1.0}}), "1 class weights were given"));
  EXPECT_TRUE(says(making({.class_weights = {1.0, -1.0}}), "a class weight is -1"));
  EXPECT_TRUE(says(making({.class_weights = {0.0, 0.0}}), "nothing would be learnt"));
  EXPECT_TRUE(says(making({.label_smoothing = 1.0}), "label smoothing is 1"));
  EXPECT_TRUE(says(making({.name = "mean_squared_error", .label_smoothing = 0.1}), "are for cross-entropies"));
  EXPECT_TRUE(says(making({.name = "mixture_density", .components = 0}), "0 components"));
}

TEST(Loss, RefusesSizesThatDoNotFit) {
  const auto loss = Loss::make({.name = "mean_squared_error"});
  std::vector<float> gradient(3);
  EXPECT_THROW(loss->evaluate(some_logits, some_labels, 0, {}), Error);
  EXPECT_THROW(loss->evaluate(some_logits, some_labels, 3, {}), Error);
  EXPECT_THROW(loss->evaluate(some_logits, some_labels, 4, gradient), Error);
  EXPECT_THROW(loss->evaluate(some_logits, std::vector<float>(8), 4, {}), Error);
}

}  // namespace
}  // namespace phiscope::neural
