#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "phiscope/explanation/map_check.hpp"

namespace phiscope {
namespace {

using Map = std::vector<float>;

TEST(RankCorrelation, IsOneForTheSameOrderAndMinusOneForTheReverse) {
  const Map a{1, 5, 2, 9, -3}, b{10, 50, 20, 900, -1}, c{-1, -5, -2, -9, 3};
  EXPECT_DOUBLE_EQ(rank_correlation(a, b).value(), 1.0);
  EXPECT_DOUBLE_EQ(rank_correlation(a, c).value(), -1.0);
}

TEST(RankCorrelation, MatchesAHandComputedCase) {
  // Ranks 0 1 2 3 and 1 0 3 2: Σd² = 4, 1 − 6·4/(4·15) = 0.6.
  EXPECT_DOUBLE_EQ(rank_correlation(Map{1, 2, 3, 4}, Map{2, 1, 4, 3}).value(), 0.6);
}

TEST(RankCorrelation, GivesTiesTheirMeanRank) {
  // Ranks 0.5 0.5 2 3 and 0 1 2 3: covariance 4.5, variations 4.5 and 5.
  EXPECT_DOUBLE_EQ(rank_correlation(Map{1, 1, 2, 3}, Map{1, 2, 3, 4}).value(), 4.5 / std::sqrt(4.5 * 5.0));
}

TEST(RankCorrelation, DoesNotDependOnWhereTiedCellsLie) {
  // Half of the map is zero: broken by place, its first half would look like the order of the other.
  Map zeros(100, 0.0F), rising(100);
  for (std::size_t i = 0; i < 100; ++i) rising[i] = static_cast<float>(i);
  for (std::size_t i = 50; i < 100; ++i) zeros[i] = (i % 2 == 0) ? 1.0F : 2.0F;
  Map reversed(zeros.rbegin(), zeros.rend());
  EXPECT_NEAR(rank_correlation(zeros, rising).value(), -rank_correlation(reversed, rising).value(), 1e-12);
}

TEST(RankCorrelation, OfAConstantMapIsNotDefined) {
  EXPECT_FALSE(rank_correlation(Map{0, 0, 0}, Map{1, 2, 3}).has_value());
  EXPECT_FALSE(rank_correlation(Map{1, 2, 3}, Map{7, 7, 7}).has_value());
}

TEST(MapCheck, PassesAMapThatRandomWeightsDoNotGive) {
  const auto check = check_map(Map{1, 2, 3, 4}, Map{2, 4, 1, 3});
  EXPECT_TRUE(check.passed());
  EXPECT_DOUBLE_EQ(check.correlation, 0.0);
}

TEST(MapCheck, FailsAMapThatRandomWeightsGiveAsWell) {
  const auto check = check_map(Map{1, 2, 3, 4}, Map{1, 2, 3, 5});
  EXPECT_FALSE(check.passed());
  EXPECT_NE(check.failure.find("random weights"), std::string::npos) << check.failure;
}

TEST(MapCheck, FailsAMapThatIsTheSameEverywhere) {
  const auto check = check_map(Map(8, 0.0F), Map{1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_FALSE(check.passed());
  EXPECT_TRUE(std::isnan(check.correlation));
  EXPECT_NE(check.failure.find("0 everywhere"), std::string::npos) << check.failure;
}

TEST(MapCheck, FailsAMapThatIsNotFinite) {
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    const auto check = check_map(Map{1, bad, 3, 4}, Map{4, 2, 3, 1});
    EXPECT_FALSE(check.passed());
    EXPECT_NE(check.failure.find("1 of 4 values that are not finite"), std::string::npos) << check.failure;
  }
}

TEST(MapCheck, FailsWhereTheMapOfRandomWeightsSaysNothing) {
  const auto check = check_map(Map{1, 2, 3, 4}, Map(4, 1.0F));
  EXPECT_FALSE(check.passed());
  EXPECT_NE(check.failure.find("nothing to compare"), std::string::npos) << check.failure;
}

}  // namespace
}  // namespace phiscope
