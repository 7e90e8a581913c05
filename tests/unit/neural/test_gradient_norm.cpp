#include "phiscope/neural/gradient_norm.hpp"

#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>
#include <limits>
#include <vector>

#include "gradient_check.hpp"

namespace phiscope::neural {
namespace {

TEST(GradientNorm, IsTheEuclideanOne) {
  EXPECT_EQ(gradient_norm(std::vector<float>{3.0F, -4.0F}), 5.0);
  EXPECT_EQ(gradient_norm({}), 0.0);
}

TEST(GradientNorm, AddsUpInDouble) {
  // In float, a million squares of 1e-3 would be lost beside one of 1e3.
  std::vector<float> values(1'000'001, 1e-3F);
  values[0] = 1e3F;
  EXPECT_NEAR(gradient_norm(values), std::sqrt(1e6 + 1.0), 1e-7);
}

TEST(GradientNorm, DoesNotOverflow) {
  EXPECT_NEAR(gradient_norm(std::vector<float>(4, 1e30F)) / 2e30, 1.0, 1e-6);
}

TEST(GradientNorm, ShowsThatAGradientIsNotFinite) {
  EXPECT_TRUE(std::isnan(gradient_norm(std::vector<float>{1.0F, std::nanf("")})));
  EXPECT_TRUE(std::isinf(gradient_norm(std::vector<float>{1.0F, std::numeric_limits<float>::infinity()})));
}

TEST(GradientNorm, DoesNotDependOnTheNumberOfThreads) {
  const auto values = test::normal_values(100'003, 1);
  const int threads = omp_get_max_threads();
  omp_set_num_threads(1);
  const double alone = gradient_norm(values);
  for (const int several : {2, 3, 5}) {
    omp_set_num_threads(several);
    EXPECT_EQ(gradient_norm(values), alone) << several;
  }
  omp_set_num_threads(threads);
}

}  // namespace
}  // namespace phiscope::neural
