#include "phiscope/statistics/triangle_set.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

const GridShape cube128{128, 1000.0};

/// Bin edges first, first + width, … in units of k_F, as h/Mpc.
std::vector<double> edges(const GridShape& shape, double first, double width, std::size_t bins) {
  std::vector<double> values;
  for (std::size_t i = 0; i <= bins; ++i)
    values.push_back((first + static_cast<double>(i) * width) * shape.fundamental());
  return values;
}

template <class Action>
std::string message_of(const Action& action) {
  try {
    action();
  } catch (const Error& problem) {
    return problem.what();
  }
  return "";
}

TEST(Shell, HoldsTheModesBetweenItsEdges) {
  const Shell shell = Shell::between(1.5, 4.5);
  EXPECT_EQ(shell.low, 3);    // 2.25
  EXPECT_EQ(shell.high, 21);  // 20.25
  EXPECT_FALSE(shell.contains(2));
  EXPECT_TRUE(shell.contains(3));
  EXPECT_TRUE(shell.contains(20));
  EXPECT_FALSE(shell.contains(21));
  EXPECT_EQ(shell.reach(), 4);
}

TEST(Shell, TakesAnEdgeOnAnIntegerForIt) {
  const Shell shell = Shell::between(std::sqrt(3.0), 3.0 + 1e-15);
  EXPECT_EQ(shell.low, 3);
  EXPECT_EQ(shell.high, 9);
}

TEST(Shell, LeavesOutTheMeanUnlessPyliansKeepsIt) {
  EXPECT_EQ(Shell::between(0.0, 2.0).low, 1);
  EXPECT_EQ(Shell::pylians(cube128, cube128.fundamental()).low, 0);
  EXPECT_EQ(Shell::pylians(cube128, cube128.fundamental()).high, 4);
  EXPECT_EQ(Shell::pylians(cube128, 2.5 * cube128.fundamental()).low, 3);  // 1.5² = 2.25
}

TEST(Shell, EndsWhereTheIntegersDoNot) {
  const Shell far = Shell::between(1e30, 1e300);
  EXPECT_TRUE(far.empty());
  EXPECT_GT(far.low, cube128.largest_squared_mode());
  EXPECT_GT(Shell::pylians(cube128, 1e300).low, cube128.largest_squared_mode());
}

TEST(TriangleShape, HasTheSidesOfItsAngle) {
  const auto equilateral = TriangleShape::named("equilateral").sides(0.2);
  for (const double side : equilateral) EXPECT_NEAR(side, 0.2, 1e-15);
  const auto squeezed = TriangleShape::named("squeezed").sides(1.0);
  EXPECT_NEAR(squeezed[2], std::sqrt(2.0 * (1.0 - 0.99)), 1e-14);
  const auto stretched = TriangleShape::named("stretched").sides(1.0);
  EXPECT_NEAR(stretched[2], std::sqrt(1.0 + 0.51 * 0.51 - 2.0 * 0.99 * 0.51), 1e-14);
  // Vectors of equal length at a right angle.
  EXPECT_NEAR(TriangleShape::isosceles(std::numbers::pi / 2).sides(1.0)[2], std::sqrt(2.0), 1e-14);
}

TEST(TriangleShape, SuggestsWhatWasMeant) {
  EXPECT_NE(message_of([] { TriangleShape::named("equilatral"); }).find("did you mean 'equilateral'?"),
            std::string::npos);
}

TEST(TriangleSet, HoldsEveryClosedTriangleOnce) {
  EXPECT_EQ(TriangleSet::all_closed(cube128, edges(cube128, 1.5, 3.0, 13), Aliasing::refuse).size(), 294U);
  const GridShape cube256{256, 1000.0};
  const auto set = TriangleSet::all_closed(cube256, edges(cube256, 1.5, 3.0, 27), Aliasing::refuse);
  EXPECT_EQ(set.size(), 2107U);
  EXPECT_EQ(set.shells().size(), 27U);
  for (const auto& triangle : set.triangles()) {
    EXPECT_LE(triangle.sides[0], triangle.sides[1]);
    EXPECT_LE(triangle.sides[1], triangle.sides[2]);
    EXPECT_LE(triangle.sides[2], (triangle.sides[0] + triangle.sides[1]) * (1 + 1e-9));
  }
}

TEST(TriangleSet, MeasuresEachTriangleOnTheSmallestGridWithoutAliasing) {
  const auto set = TriangleSet::all_closed(cube128, edges(cube128, 1.5, 3.0, 13), Aliasing::refuse);
  for (const auto& triangle : set.triangles()) {
    double reach = 0.0;
    for (const std::size_t shell : triangle.shells)
      reach += std::sqrt(static_cast<double>(set.shells()[shell].high - 1));
    EXPECT_GT(static_cast<double>(set.product_grid(triangle)), reach);
    EXPECT_LE(set.product_grid(triangle), 128);
  }
}

TEST(TriangleSet, KeepsTheCubesGridWhereTrianglesMayWrap) {
  const std::vector<TriangleShape> shapes{TriangleShape::named("equilateral")};
  const std::vector<double> k{10 * cube128.fundamental(), 60 * cube128.fundamental()};
  const auto set = TriangleSet::of_shapes(cube128, shapes, k, 2.0, TriangleConvention::pylians, Aliasing::refuse);
  EXPECT_EQ(set.aliasing(), Aliasing::allow);
  EXPECT_LT(set.product_grid(set.triangles()[0]), 64);
  EXPECT_EQ(set.product_grid(set.triangles()[1]), 128);
}

TEST(TriangleSet, RefusesWhatCannotBeFreeOfAliasingWithTheNumbers) {
  const auto too_far = edges(cube128, 1.5, 3.0, 14);  // 3 × 43.5 > 128
  const std::string message = message_of([&] { TriangleSet::all_closed(cube128, too_far, Aliasing::refuse); });
  EXPECT_NE(message.find("128"), std::string::npos) << message;
  EXPECT_NE(message.find("alias"), std::string::npos) << message;
  EXPECT_NE(message.find("pad"), std::string::npos) << message;
  EXPECT_GT(TriangleSet::all_closed(cube128, too_far, Aliasing::pad).size(), 294U);
  EXPECT_GT(TriangleSet::all_closed(cube128, too_far, Aliasing::allow).size(), 294U);
}

TEST(TriangleSet, RefusesShellsAtTheNyquistFrequencyEvenPadded) {
  const std::vector<double> at_nyquist{60 * cube128.fundamental(), 65 * cube128.fundamental()};
  EXPECT_NE(message_of([&] { TriangleSet::all_closed(cube128, at_nyquist, Aliasing::pad); }).find("Nyquist"),
            std::string::npos);
}

TEST(TriangleSet, KnowsHowFarShapesAreFreeOfAliasing) {
  std::vector<TriangleShape> shapes;
  for (const char* name : {"equilateral", "squeezed", "stretched"}) shapes.push_back(TriangleShape::named(name));
  for (const auto& shape : shapes) {
    const std::vector<TriangleShape> alone{shape};
    const double largest = TriangleSet::largest_alias_free_k(cube128, alone, 2.0);
    const std::vector<double> good{largest}, bad{largest * 1.05};
    EXPECT_NO_THROW(TriangleSet::of_shapes(cube128, alone, good, 2.0, TriangleConvention::standard, Aliasing::refuse));
    EXPECT_THROW(TriangleSet::of_shapes(cube128, alone, bad, 2.0, TriangleConvention::standard, Aliasing::refuse),
                 Error);
  }
}

TEST(TriangleSet, RefusesWhatIsNoTriangle) {
  const double k_f = cube128.fundamental();
  const auto list = [&](std::array<double, 3> sides) {
    const std::vector<std::array<double, 3>> triangles{{5 * k_f, 5 * k_f, 5 * k_f}, sides};
    TriangleSet::of_sides(cube128, triangles, 2.0, TriangleConvention::standard, Aliasing::refuse);
  };
  EXPECT_NO_THROW(list({5 * k_f, 7 * k_f, 11 * k_f}));
  EXPECT_NE(message_of([&] { list({5 * k_f, 5 * k_f, 20 * k_f}); }).find("triangle 2"), std::string::npos);
  EXPECT_NE(message_of([&] { list({5 * k_f, -1.0, 5 * k_f}); }).find("positive"), std::string::npos);
  EXPECT_THROW(TriangleSet::all_closed(cube128, std::vector<double>{0.1}, Aliasing::refuse), Error);
  EXPECT_THROW(TriangleSet::all_closed(cube128, std::vector<double>{0.2, 0.1}, Aliasing::refuse), Error);
}

TEST(TriangleSet, FingerprintTellsGeometriesApart) {
  const auto fingerprint = [](std::int64_t n, double box, double width) {
    const GridShape shape{n, box};
    return TriangleSet::all_closed(shape, edges(shape, 1.5, width, 4), Aliasing::refuse).fingerprint();
  };
  EXPECT_EQ(fingerprint(64, 100.0, 3.0), fingerprint(64, 500.0, 3.0));  // the box is no part of the geometry
  EXPECT_NE(fingerprint(64, 100.0, 3.0), fingerprint(64, 100.0, 2.0));
  EXPECT_NE(fingerprint(64, 100.0, 3.0), fingerprint(72, 100.0, 3.0));
}

}  // namespace
}  // namespace phiscope
