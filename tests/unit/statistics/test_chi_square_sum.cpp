#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "../../../src/statistics/chi_square_sum.hpp"
#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

using Terms = std::vector<ChiSquareTerm>;

constexpr double tolerance = 1.5e-6;

TEST(ChiSquareSum, OfOneTermIsItsDistribution) {
  for (const double x : {1e-3, 0.5, 2.0, 9.0}) {
    for (const double weight : {1e-8, 0.3, 1e6}) {
      EXPECT_NEAR(probability_above(Terms{{weight, 1.0}}, weight * x), std::erfc(std::sqrt(0.5 * x)), tolerance);
      EXPECT_NEAR(probability_above(Terms{{weight, 2.0}}, weight * x), std::exp(-0.5 * x), tolerance);
      EXPECT_NEAR(probability_above(Terms{{weight, 4.0}}, weight * x), std::exp(-0.5 * x) * (1.0 + 0.5 * x), tolerance);
      EXPECT_NEAR(probability_above(Terms{{-weight, 2.0}}, -weight * x), 1.0 - std::exp(-0.5 * x), tolerance);
    }
  }
}

TEST(ChiSquareSum, OfTwoExponentialsOfAnySigns) {
  // P(a E₁ + b E₂ > x) for exponentials of mean 1.
  const double a = 3.0, b = 0.5, x = 2.0;
  EXPECT_NEAR(probability_above(Terms{{0.5 * a, 2.0}, {0.5 * b, 2.0}}, x),
              (a * std::exp(-x / a) - b * std::exp(-x / b)) / (a - b), tolerance);
  EXPECT_NEAR(probability_above(Terms{{0.5 * a, 2.0}, {-0.5 * b, 2.0}}, x), a / (a + b) * std::exp(-x / a), tolerance);
  // By symmetry.
  EXPECT_NEAR(probability_above(Terms{{1.0, 2.0}, {-1.0, 2.0}}, 0.0), 0.5, tolerance);
  EXPECT_NEAR(probability_above(Terms{{1.0, 1.0}, {-1.0, 1.0}}, 0.0), 0.5, tolerance);
}

TEST(ChiSquareSum, KnowsItsSupport) {
  EXPECT_EQ(probability_above(Terms{{1.0, 1.0}, {2.0, 0.5}}, 0.0), 1.0);
  EXPECT_EQ(probability_above(Terms{{1.0, 1.0}}, -3.0), 1.0);
  EXPECT_EQ(probability_above(Terms{{-1.0, 1.0}}, 0.0), 0.0);
  EXPECT_EQ(probability_above(Terms{{-1.0, 1.0}}, 3.0), 0.0);
  EXPECT_EQ(probability_above(Terms{}, 0.0), 0.0);
  EXPECT_EQ(probability_above(Terms{{0.0, 5.0}}, -1.0), 1.0);
}

TEST(ChiSquareSum, WhatIsNotFiniteIsRefused) {
  const double infinity = std::numeric_limits<double>::infinity();
  EXPECT_THROW(probability_above(Terms{{infinity, 1.0}}, 1.0), Error);
  EXPECT_THROW(probability_above(Terms{{1.0, std::nan("")}}, 1.0), Error);
  EXPECT_THROW(probability_above(Terms{{1.0, 1.0}}, std::nan("")), Error);
}

}  // namespace
}  // namespace phiscope
