#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>
#include <vector>

#include "phiscope/data/grid_symmetry.hpp"

namespace phiscope {
namespace {

const Normalisation as_it_is{{0, 0, 0}, {1, 1, 1}};

std::vector<GridSymmetry> symmetries_of_cube() {
  std::vector<GridSymmetry> all;
  for (const auto& axes : {std::array<std::size_t, 3>{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}})
    for (unsigned reversed = 0; reversed < 8; ++reversed)
      all.push_back({axes, {(reversed & 1U) != 0, (reversed & 2U) != 0, (reversed & 4U) != 0}, {}});
  return all;
}

std::vector<GridSymmetry> symmetries_of_square() {
  auto all = symmetries_of_cube();
  std::erase_if(all, [](const auto& symmetry) { return symmetry.axes[0] != 0 || symmetry.reversed[0]; });
  return all;
}

std::vector<GridSymmetry> with_rolls(std::vector<GridSymmetry> all) {
  for (auto& symmetry : all) symmetry.roll = {1, 3, -2};
  return all;
}

/// A whole cube, moved.
std::vector<float> moved(const GridSymmetry& symmetry, const std::vector<float>& cube, const ItemShape& shape) {
  std::vector<float> out(cube.size());
  cut_box(cube, shape, symmetry.applied_to(whole_cube(shape.side())), as_it_is, out);
  return out;
}

/// A 3×3 square as the slice normal to the first axis of a cube whose other slices are zero, moved.
std::vector<float> moved_square(const GridSymmetry& symmetry, const std::vector<float>& square) {
  const auto shape = ItemShape::cube(1, 3, false);
  std::vector<float> cube(shape.values()), out(square.size());
  std::copy(square.begin(), square.end(), cube.begin());
  cut_box(cube, shape, symmetry.applied_to(slice_of_cube(3, 0, 0)), as_it_is, out);
  return out;
}

std::vector<float> counting(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i);
  return values;
}

std::vector<float> random_values(std::size_t count) {
  RandomStream random(RandomPurpose::shuffle, 5);
  std::vector<float> values(count);
  // Small integers: differences of them are exact.
  for (auto& value : values) value = static_cast<float>(random.below(1000));
  return values;
}

/// Central differences of a periodic cube along the three axes.
std::vector<float> gradient(const std::vector<float>& cube, std::int64_t n) {
  const auto at = [&](std::int64_t i, std::int64_t j, std::int64_t k) {
    return cube[static_cast<std::size_t>((((i + n) % n) * n + (j + n) % n) * n + (k + n) % n)];
  };
  std::vector<float> result(3 * cube.size());
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t k = 0; k < n; ++k) {
        const auto here = static_cast<std::size_t>((i * n + j) * n + k);
        result[here] = at(i + 1, j, k) - at(i - 1, j, k);
        result[cube.size() + here] = at(i, j + 1, k) - at(i, j - 1, k);
        result[2 * cube.size() + here] = at(i, j, k + 1) - at(i, j, k - 1);
      }
  return result;
}

TEST(GridSymmetry, PartsDoWhatTheyAreNamed) {
  const std::vector<float> in{0, 1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(moved_square({}, in), in);
  EXPECT_EQ(moved_square({.axes = {0, 2, 1}}, in), (std::vector<float>{0, 3, 6, 1, 4, 7, 2, 5, 8}));
  EXPECT_EQ(moved_square({.reversed = {false, true, false}}, in), (std::vector<float>{6, 7, 8, 3, 4, 5, 0, 1, 2}));
  EXPECT_EQ(moved_square({.reversed = {false, false, true}}, in), (std::vector<float>{2, 1, 0, 5, 4, 3, 8, 7, 6}));
  EXPECT_EQ(moved_square({.roll = {0, 1, 0}}, in), (std::vector<float>{6, 7, 8, 0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(moved_square({.roll = {0, 0, -1}}, in), (std::vector<float>{1, 2, 0, 4, 5, 3, 7, 8, 6}));
}

TEST(GridSymmetry, PartsActInTheOrderOfTheirNames) {
  constexpr std::int64_t n = 5;
  const auto shape = ItemShape::cube(1, n, false);
  const auto in = random_values(shape.values());
  auto stepwise = moved({.axes = {2, 0, 1}}, in, shape);
  stepwise = moved({.reversed = {false, true, true}}, stepwise, shape);
  stepwise = moved({.roll = {2, -1, 3}}, stepwise, shape);
  EXPECT_EQ(moved({{2, 0, 1}, {false, true, true}, {2, -1, 3}}, in, shape), stepwise);
}

TEST(GridSymmetry, TheFortyEightOfTheCubeAreAGroup) {
  const auto shape = ItemShape::cube(1, 3, false);
  const auto in = counting(shape.values());
  std::set<std::vector<float>> images;
  for (const auto& symmetry : symmetries_of_cube()) images.insert(moved(symmetry, in, shape));
  EXPECT_EQ(images.size(), 48U);
  for (const auto& first : symmetries_of_cube())
    for (const auto& second : symmetries_of_cube())
      EXPECT_TRUE(images.contains(moved(second, moved(first, in, shape), shape)));
}

TEST(GridSymmetry, TheEightOfTheSquareAreAGroupOfTheirOwn) {
  const auto in = counting(9);
  std::set<std::vector<float>> images;
  for (const auto& symmetry : symmetries_of_square()) images.insert(moved_square(symmetry, in));
  EXPECT_EQ(images.size(), 8U);
  for (const auto& first : symmetries_of_square())
    for (const auto& second : symmetries_of_square())
      EXPECT_TRUE(images.contains(moved_square(second, moved_square(first, in))));
}

TEST(GridSymmetry, EachElementMovesEveryValueToOnePlace) {
  const auto shape = ItemShape::cube(1, 10, false);
  const auto in = counting(shape.values());
  for (const auto& symmetry : with_rolls(symmetries_of_cube())) {
    auto out = moved(symmetry, in, shape);
    std::sort(out.begin(), out.end());
    EXPECT_EQ(out, in);
  }
}

TEST(GridSymmetry, NeighboursStayNeighbours) {
  // Distances on the torus are kept, and with them every correlation function.
  constexpr std::int64_t n = 4;
  const auto shape = ItemShape::cube(1, n, false);
  const auto places_of = [&](const std::vector<float>& cube) {
    std::map<float, std::array<std::int64_t, 3>> places;
    for (std::int64_t i = 0; i < n * n * n; ++i)
      places[cube[static_cast<std::size_t>(i)]] = {i / (n * n), i / n % n, i % n};
    return places;
  };
  const auto distance = [](const std::array<std::int64_t, 3>& a, const std::array<std::int64_t, 3>& b) {
    std::int64_t square = 0;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      const std::int64_t along = (a[axis] - b[axis] + n) % n;
      square += std::min(along, n - along) * std::min(along, n - along);
    }
    return square;
  };
  const auto in = counting(shape.values());
  const auto before = places_of(in);
  for (const auto& symmetry : with_rolls(symmetries_of_cube())) {
    const auto after = places_of(moved(symmetry, in, shape));
    for (const float a : in)
      for (const float b : {0.0F, 17.0F, 42.0F})
        ASSERT_EQ(distance(after.at(a), after.at(b)), distance(before.at(a), before.at(b)));
  }
}

TEST(GridSymmetry, GradientOfAMovedFieldIsTheMovedGradient) {
  constexpr std::int64_t n = 6;
  const auto field = random_values(n * n * n);
  const auto slopes = gradient(field, n);
  for (const auto& symmetry : with_rolls(symmetries_of_cube()))
    EXPECT_EQ(gradient(moved(symmetry, field, ItemShape::cube(1, n, false)), n),
              moved(symmetry, slopes, ItemShape::cube(3, n, true)));
}

TEST(GridSymmetry, ARollByTheSideIsNone) {
  const auto shape = ItemShape::cube(1, 5, false);
  const auto in = counting(shape.values());
  EXPECT_EQ(moved({.roll = {5, -10, 15}}, in, shape), in);
}

TEST(GridSymmetry, DrawsEachElementEquallyOften) {
  const auto is_even = [](int draws, std::size_t elements, auto&& draw) {
    RandomStream random(RandomPurpose::augmentation, 1);
    std::map<std::pair<std::array<std::size_t, 3>, std::array<bool, 3>>, int> counts;
    for (int i = 0; i < draws; ++i) {
      const GridSymmetry symmetry = draw(random);
      ++counts[{symmetry.axes, symmetry.reversed}];
    }
    EXPECT_EQ(counts.size(), elements);
    // Five standard deviations of a binomial.
    const double p = 1.0 / static_cast<double>(elements);
    for (const auto& [element, count] : counts) EXPECT_NEAR(count, draws * p, 5 * std::sqrt(draws * p * (1 - p)));
  };
  is_even(8000, 8, [](RandomStream& random) { return GridSymmetry::draw_of_square(random, 16, true, true); });
  is_even(24000, 48, [](RandomStream& random) { return GridSymmetry::draw_of_cube(random, 16, true, true); });
}

TEST(GridSymmetry, DrawsRollsWithinThePeriod) {
  RandomStream random(RandomPurpose::augmentation, 1);
  std::array<std::set<std::int64_t>, 3> of_square, of_cube;
  for (int i = 0; i < 500; ++i) {
    const auto square = GridSymmetry::draw_of_square(random, 5, true, true);
    const auto cube = GridSymmetry::draw_of_cube(random, 5, true, true);
    for (std::size_t axis = 0; axis < 3; ++axis) {
      of_square[axis].insert(square.roll[axis]);
      of_cube[axis].insert(cube.roll[axis]);
    }
  }
  const std::set<std::int64_t> all{0, 1, 2, 3, 4};
  EXPECT_EQ(of_square, (std::array<std::set<std::int64_t>, 3>{{{0}, all, all}}));
  EXPECT_EQ(of_cube, (std::array<std::set<std::int64_t>, 3>{{all, all, all}}));
}

TEST(GridSymmetry, DrawsTheIdentityWhenNothingIsWanted) {
  RandomStream random(RandomPurpose::augmentation, 1);
  for (int i = 0; i < 20; ++i)
    for (const auto& symmetry :
         {GridSymmetry::draw_of_square(random, 5, false, false), GridSymmetry::draw_of_cube(random, 5, false, false)})
      EXPECT_EQ(symmetry.applied_to(whole_cube(5)), whole_cube(5));
}

}  // namespace
}  // namespace phiscope
