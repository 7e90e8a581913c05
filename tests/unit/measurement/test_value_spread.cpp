#include "phiscope/measurement/value_spread.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "../io/temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;

/// What is wrong with values from −amplitude to amplitude.
std::string problem(double amplitude, int order, bool single = false) {
  return error_of([&] {
    require_representable("cube.h5", {-amplitude, amplitude}, GridShape{256, 2560.0}, order, single);
  });
}

TEST(ValueSpread, TakesInValuesOfBothPrecisions) {
  ValueSpread spread;
  spread.add(std::vector<float>{1.0F, -2.0F});
  spread.add(std::vector<double>{3.0, 0.0});
  spread.add(std::vector<double>{});
  EXPECT_EQ(spread.lowest, -2.0);
  EXPECT_EQ(spread.highest, 3.0);
}

TEST(ValueSpread, OfUsualFieldsIsRepresentable) {
  for (const double amplitude : {1e-20, 4e-5, 1.0, 1e20})
    for (const int order : {2, 3})
      for (const bool single : {false, true}) EXPECT_EQ(problem(amplitude, order, single), "") << amplitude;
  EXPECT_EQ(problem(1e110, 2), "");
  EXPECT_EQ(problem(0.0, 2), "") << "constant";
}

TEST(ValueSpread, BeyondTheRangeIsNamedWithAFactor) {
  EXPECT_TRUE(contains(problem(1e200, 2), "too large") && contains(problem(1e200, 2), "by 1e-200"))
      << problem(1e200, 2);
  EXPECT_TRUE(contains(problem(1e308, 2), "by 1e-300")) << problem(1e308, 2);
  EXPECT_TRUE(contains(problem(1e-310, 2), "too small") && contains(problem(1e-310, 2), "by 1e300"));
  EXPECT_TRUE(contains(problem(1e110, 3), "too large") && contains(problem(1e110, 3), "bispectrum"));
  EXPECT_TRUE(contains(problem(1e-110, 3), "too small"));
}

TEST(ValueSpread, BeyondSinglePrecisionAloneIsSaid) {
  EXPECT_TRUE(contains(problem(1e35, 2, true), "--precision double")) << problem(1e35, 2, true);
  EXPECT_TRUE(contains(problem(1e-35, 2, true), "--precision double"));
  EXPECT_FALSE(contains(problem(1e200, 2, true), "--precision double"));
}

}  // namespace
}  // namespace phiscope
