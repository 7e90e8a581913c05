#include "phiscope/neural/loss.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "phiscope/base/error.hpp"

namespace phiscope::neural {
namespace {

TEST(BinaryCrossEntropy, OfAnUndecidedLogitIsLogTwo) {
  EXPECT_DOUBLE_EQ(binary_cross_entropy(std::vector<float>{0.0F}, std::vector<float>{1.0F}, 1.0, {}), std::log(2.0));
}

TEST(BinaryCrossEntropy, IsTheNegativeLogLikelihood) {
  const std::vector<float> logits{-2.0F, 0.5F, 3.0F, 1.0F};
  const std::vector<float> targets{0.0F, 1.0F, 0.0F, 0.25F};
  double expected = 0.0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const double p = 1.0 / (1.0 + std::exp(-static_cast<double>(logits[i])));
    const auto y = static_cast<double>(targets[i]);
    expected -= y * std::log(p) + (1.0 - y) * std::log(1.0 - p);
  }
  EXPECT_NEAR(binary_cross_entropy(logits, targets, 1.0, {}), expected, 1e-12);
}

TEST(BinaryCrossEntropy, StaysFiniteForHugeLogits) {
  const std::vector<float> logits{1e4F, -1e4F};
  std::vector<float> gradient(2);
  EXPECT_EQ(binary_cross_entropy(logits, std::vector<float>{1.0F, 0.0F}, 1.0, gradient), 0.0);
  EXPECT_EQ(gradient, (std::vector<float>{0.0F, 0.0F}));
  EXPECT_EQ(binary_cross_entropy(logits, std::vector<float>{0.0F, 1.0F}, 1.0, gradient), 2e4);
  EXPECT_EQ(gradient, (std::vector<float>{1.0F, -1.0F}));
}

TEST(BinaryCrossEntropy, GradientAgreesWithFiniteDifferences) {
  const std::vector<float> logits{-2.0F, 0.5F, 3.0F, 1.0F};
  const std::vector<float> targets{0.0F, 1.0F, 0.0F, 0.25F};
  std::vector<float> gradient(4);
  binary_cross_entropy(logits, targets, 4.0, gradient);
  for (std::size_t i = 0; i < 4; ++i) {
    constexpr float step = 0.0078125F;  // a power of two: logits ± step are exact
    auto up = logits;
    auto down = logits;
    up[i] += step;
    down[i] -= step;
    const double slope = (binary_cross_entropy(up, targets, 4.0, {}) - binary_cross_entropy(down, targets, 4.0, {})) /
                         (2.0 * static_cast<double>(step)) / 4.0;
    // The third derivative of the loss is below 0.1: step²/6·0.1/4.
    EXPECT_NEAR(static_cast<double>(gradient[i]), slope, 1e-6);
  }
}

TEST(BinaryCrossEntropy, NeedsATargetForEveryLogit) {
  EXPECT_THROW(binary_cross_entropy(std::vector<float>{0.0F}, {}, 1.0, {}), Error);
}

}  // namespace
}  // namespace phiscope::neural
