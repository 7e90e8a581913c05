#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/cosmology/tree_level_bispectrum.hpp"

namespace phiscope {
namespace {

using Triangle = std::array<double, 3>;

/// Q of a triangle for P ∝ kⁿ.
double scale_free_q(const Triangle& sides, double n) {
  Triangle power{};
  std::transform(sides.begin(), sides.end(), power.begin(), [n](double k) { return std::pow(k, n); });
  return tree_level_bispectrum(sides, power) / (power[0] * power[1] + power[1] * power[2] + power[2] * power[0]);
}

TEST(SecondOrderKernel, KnowsParallelAndOpposedModes) {
  EXPECT_DOUBLE_EQ(second_order_kernel(0.3, 0.3, 1.0), 2.0);
  EXPECT_NEAR(second_order_kernel(0.3, 0.3, -1.0), 0.0, 1e-15);
  EXPECT_DOUBLE_EQ(second_order_kernel(1.0, 2.0, 0.0), 5.0 / 7.0);
  EXPECT_NEAR(second_order_kernel(1.0, 2.0, -1.0), -0.25, 1e-15);
}

TEST(SecondOrderKernel, AveragesToSphericalCollapse) {
  // ⟨F2⟩ over all directions is 17/21.
  double sum = 0.0;
  const int points = 1000;
  for (int i = 0; i < points; ++i) sum += second_order_kernel(1.0, 3.0, -1.0 + (2.0 * i + 1.0) / points);
  EXPECT_NEAR(sum / points, 17.0 / 21.0, 1e-6);
}

TEST(TreeLevelBispectrum, EquilateralQIsFourSeventhsForAnySpectrum) {
  for (const double n : {-2.5, -1.0, 0.0, 1.0}) EXPECT_NEAR(scale_free_q({0.1, 0.1, 0.1}, n), 4.0 / 7.0, 1e-14);
}

TEST(TreeLevelBispectrum, CollinearQOfScaleFreeSpectra) {
  // Sides 1, 1, 2: F2 = 2 between the equal sides and −1/4 for the others, so that Q = (4 − 2ⁿ)/(1 + 2·2ⁿ).
  for (const double n : {-2.0, -1.0, 0.0, 1.0})
    EXPECT_NEAR(scale_free_q({1.0, 1.0, 2.0}, n), (4.0 - std::pow(2.0, n)) / (1.0 + 2.0 * std::pow(2.0, n)), 1e-14);
}

TEST(TreeLevelBispectrum, SqueezedIsoscelesQIsThirteenFourteenths) {
  // k3 → 0 with P3 above all others: µ13 = µ23 = −k3/(2 k1), so that F2 → 5/7 − 1/4 in both terms and Q is twice that.
  EXPECT_NEAR(scale_free_q({1.0, 1.0, 1e-6}, -1.0), 13.0 / 14.0, 1e-5);
}

TEST(TreeLevelBispectrum, OrderOfTheSidesDoesNotMatter) {
  const Triangle sides{0.03, 0.04, 0.05};
  const Triangle power{900.0, 700.0, 400.0};
  const double expected = tree_level_bispectrum(sides, power);
  EXPECT_NEAR(tree_level_bispectrum({0.05, 0.03, 0.04}, {400.0, 900.0, 700.0}), expected, 1e-9 * expected);
  EXPECT_NEAR(tree_level_bispectrum({0.04, 0.03, 0.05}, {700.0, 900.0, 400.0}), expected, 1e-9 * expected);
}

TEST(TreeLevelBispectrum, SidesThatJustFailToCloseAreTakenAsCollinear) {
  const Triangle power{1.0, 1.0, 0.25};
  // Cosines of 1, −1, −1 with k3 = 2.02 in place of 2.
  const double expected = 2.0 * 2.0 + 4.0 * second_order_kernel(1.0, 2.02, -1.0) * 0.25;
  EXPECT_NEAR(tree_level_bispectrum({1.0, 1.0, 2.02}, power), expected, 1e-14);
}

TEST(TreeLevelBispectrum, SideThatIsNotPositiveIsNamed) {
  EXPECT_THROW(tree_level_bispectrum({0.1, 0.0, 0.1}, {1.0, 1.0, 1.0}), Error);
  EXPECT_THROW(tree_level_bispectrum({0.1, std::nan(""), 0.1}, {1.0, 1.0, 1.0}), Error);
  const LinearPower linear = LinearPower::eisenstein_hu({});
  const std::vector<Triangle> triangles{{0.1, 0.1, -0.1}};
  EXPECT_THROW(tree_level_potential(linear, triangles, 0.0), Error);
}

TEST(TreeLevelBispectrum, TrianglesKeepTheirOrder) {
  const LinearPower linear = LinearPower::eisenstein_hu({});
  const std::vector<Triangle> triangles{{0.02, 0.02, 0.02}, {0.03, 0.04, 0.05}};
  const TreeLevelBispectrum density = tree_level_density(linear, triangles, 1.0);
  ASSERT_EQ(density.b.size(), 2U);
  ASSERT_EQ(density.q.size(), 2U);
  const double power = linear.density(0.02, 1.0);
  EXPECT_NEAR(density.b[0], 12.0 / 7.0 * power * power, 1e-12 * power * power);
  EXPECT_NEAR(density.q[0], 4.0 / 7.0, 1e-14);
  EXPECT_DOUBLE_EQ(density.b[1],
                   tree_level_bispectrum(triangles[1], {linear.density(0.03, 1.0), linear.density(0.04, 1.0),
                                                        linear.density(0.05, 1.0)}));
  EXPECT_TRUE(tree_level_density(linear, {}, 1.0).b.empty());
}

TEST(TreeLevelBispectrum, GrowsAsTheFourthPowerOfTheGrowth) {
  const LinearPower linear = LinearPower::eisenstein_hu({});
  const std::vector<Triangle> triangles{{0.02, 0.05, 0.06}};
  const TreeLevelBispectrum early = tree_level_density(linear, triangles, 9.9953);
  const TreeLevelBispectrum late = tree_level_density(linear, triangles, 0.997956);
  const double growth = linear.background().growth(9.9953) / linear.background().growth(0.997956);
  EXPECT_NEAR(early.b[0] / late.b[0] / std::pow(growth, 4), 1.0, 1e-12);
  EXPECT_NEAR(early.q[0], late.q[0], 1e-12);
}

TEST(TreeLevelBispectrum, PotentialHasTheOppositeSignOfTheDensity) {
  const LinearPower linear = LinearPower::eisenstein_hu({});
  const std::vector<Triangle> triangles{{0.05, 0.05, 0.05}, {0.02, 0.05, 0.06}};
  const TreeLevelBispectrum density = tree_level_density(linear, triangles, 1.0);
  const TreeLevelBispectrum potential = tree_level_potential(linear, triangles, 1.0);
  for (std::size_t i = 0; i < triangles.size(); ++i) {
    double ratios = 1.0;
    for (const double k : triangles[i]) ratios *= linear.potential_per_density(k, 1.0);
    EXPECT_LT(ratios, 0.0);
    EXPECT_NEAR(potential.b[i] / (ratios * density.b[i]), 1.0, 1e-12);
  }
  // Q_Φ = B/(3 P²) = M³ 12/7 P_δ²/(3 M⁴ P_δ²)
  EXPECT_NEAR(potential.q[0] * linear.potential_per_density(0.05, 1.0), 4.0 / 7.0, 1e-12);
}

}  // namespace
}  // namespace phiscope
