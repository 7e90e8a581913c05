#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "phiscope/base/random.hpp"
#include "phiscope/data/cube_cut.hpp"
#include "phiscope/data/grid_symmetry.hpp"

namespace phiscope {
namespace {

constexpr std::int64_t n = 5;
const Normalisation as_it_is{{0, 0, 0, 0, 0, 0}, {1, 1, 1, 1, 1, 1}};

/// A value that spells out its own place: channel, iz, iy, ix as decimal digits.
float spelled(std::int64_t c, std::int64_t iz, std::int64_t iy, std::int64_t ix) {
  return static_cast<float>(1000 * c + 100 * iz + 10 * iy + ix);
}

std::vector<float> spelled_cube(std::int64_t channels) {
  std::vector<float> cube;
  for (std::int64_t c = 0; c < channels; ++c)
    for (std::int64_t iz = 0; iz < n; ++iz)
      for (std::int64_t iy = 0; iy < n; ++iy)
        for (std::int64_t ix = 0; ix < n; ++ix) cube.push_back(spelled(c, iz, iy, ix));
  return cube;
}

std::vector<float> random_values(std::size_t count, std::uint64_t seed) {
  RandomStream random(RandomPurpose::shuffle, seed);
  std::vector<float> values(count);
  // Small integers: the sums of their products are exact.
  for (auto& value : values) value = static_cast<float>(random.below(64)) - 32.0F;
  return values;
}

std::vector<float> cut_out(const std::vector<float>& cube, const ItemShape& shape, const CubeCut& cut,
                           const Normalisation& normalisation = as_it_is) {
  std::vector<float> out(static_cast<std::size_t>(cut_values(shape, cut)));
  cut_box(cube, shape, cut, normalisation, out);
  return out;
}

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

/// By the definition of a cut, place by place.
std::vector<float> expected_cut(const std::vector<float>& cube, const ItemShape& shape, const CubeCut& cut) {
  std::vector<float> out;
  for (std::int64_t c = 0; c < shape.channels; ++c)
    for (std::int64_t i = 0; i < cut[0].count; ++i)
      for (std::int64_t j = 0; j < cut[1].count; ++j)
        for (std::int64_t k = 0; k < cut[2].count; ++k) {
          std::array<std::int64_t, 3> place{};
          const std::array number{i, j, k};
          for (std::size_t a = 0; a < 3; ++a) {
            const std::int64_t along = cut[a].first + cut[a].step * number[a];
            const std::int64_t extent = shape.extents[static_cast<std::size_t>(cut[a].axis)];
            place[static_cast<std::size_t>(cut[a].axis)] = ((along % extent) + extent) % extent;
          }
          out.push_back(cube[static_cast<std::size_t>(
              ((c * shape.extents[0] + place[0]) * shape.extents[1] + place[1]) * shape.extents[2] + place[2])]);
        }
  return out;
}

/// Boxes of all orders and directions of the axes, across the boundary.
std::vector<CubeCut> many_boxes(std::int64_t side) {
  std::vector<CubeCut> boxes;
  for (const auto& axes : {std::array{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}})
    for (int directions = 0; directions < 8; ++directions) {
      CubeCut cut;
      for (std::size_t a = 0; a < 3; ++a) {
        const bool back = (directions >> a & 1) != 0;
        cut[a] = {axes[a], side - 2 + static_cast<std::int64_t>(a), back ? -1 : 1, side - static_cast<std::int64_t>(a)};
      }
      boxes.push_back(cut);
    }
  return boxes;
}

TEST(CubeCut, TheWholeCubeIsTheCube) {
  const auto cube = spelled_cube(2);
  EXPECT_EQ(cut_out(cube, ItemShape::cube(2, n, false), whole_cube(n)), cube);
}

TEST(CubeCut, ASliceHoldsTheOtherTwoAxesInAscendingOrder) {
  const auto cube = spelled_cube(2);
  for (int axis = 0; axis < 3; ++axis)
    for (std::int64_t index = 0; index < n; ++index) {
      std::vector<float> expected;
      for (std::int64_t c = 0; c < 2; ++c)
        for (std::int64_t i = 0; i < n; ++i)
          for (std::int64_t j = 0; j < n; ++j)
            expected.push_back(axis == 0   ? spelled(c, index, i, j)
                               : axis == 1 ? spelled(c, i, index, j)
                                           : spelled(c, i, j, index));
      EXPECT_EQ(cut_out(cube, ItemShape::cube(2, n, false), slice_of_cube(n, axis, index)), expected);
    }
}

TEST(CubeCut, BoxesOfAllOrdersAndDirectionsWrapAround) {
  const auto cube = spelled_cube(2);
  for (const auto& cut : many_boxes(n))
    EXPECT_EQ(cut_out(cube, ItemShape::cube(2, n, false), cut), expected_cut(cube, ItemShape::cube(2, n, false), cut));
}

TEST(CubeCut, BoxesLargerThanATileComeWhole) {
  constexpr std::int64_t side = 37;
  const auto shape = ItemShape::cube(1, side, false);
  std::vector<float> cube(shape.values());
  for (std::size_t i = 0; i < cube.size(); ++i) cube[i] = static_cast<float>(i);  // below 2^24: exact
  for (const auto& cut : many_boxes(side)) EXPECT_EQ(cut_out(cube, shape, cut), expected_cut(cube, shape, cut));
  for (int axis = 0; axis < 3; ++axis) {
    const auto slice = slice_of_cube(side, axis, 30);
    EXPECT_EQ(cut_out(cube, shape, slice), expected_cut(cube, shape, slice));
  }
}

TEST(CubeCut, MapsOfAnyExtentsAreCutTurnedAndRolled) {
  const auto shape = ItemShape::map(2, 5, 7);
  EXPECT_EQ(shape.values(), 70U);
  const auto map = random_values(shape.values(), 4);
  EXPECT_EQ(cut_out(map, shape, whole_item(shape)), map);
  for (const auto& axes : {std::array{1, 2}, {2, 1}})
    for (const std::int64_t step : {1, -1}) {
      const CubeCut cut{AxisWalk{0, 0, 1, 1}, AxisWalk{axes[0], -3, step, 4}, AxisWalk{axes[1], 6, -step, 5}};
      EXPECT_EQ(cut_out(map, shape, cut), expected_cut(map, shape, cut));
      // The adjoint: Σ cut(x)·y = Σ x·add(y).
      const auto y = random_values(static_cast<std::size_t>(cut_values(shape, cut)), 5);
      std::vector<float> added(shape.values(), 0.0F);
      add_box(y, shape, cut, added);
      EXPECT_EQ(dot(cut_out(map, shape, cut), y), dot(map, added));
    }
}

TEST(CubeCut, ARowComesWhole) {
  const auto shape = ItemShape::row(6);
  const auto row = random_values(6, 6);
  EXPECT_EQ(cut_out(row, shape, whole_item(shape)), row);
}

TEST(CubeCut, NormalisesEachChannelByItsOwn) {
  const ItemShape shape = ItemShape::row(2);
  EXPECT_EQ(cut_out({3, 6}, shape, whole_cube(1), {{1, -2}, {2, 4}}), (std::vector<float>{1, 2}));
}

TEST(CubeCut, TheComponentsOfAVectorAreAlongTheAxesOfTheCut) {
  const auto cube = spelled_cube(6);
  const auto vectors = ItemShape::cube(6, n, true), scalars = ItemShape::cube(6, n, false);
  for (const auto& cut : many_boxes(n)) {
    const auto box = cut_out(cube, vectors, cut), plain = cut_out(cube, scalars, cut);
    const auto size = plain.size() / 6;
    for (std::size_t c = 0; c < 6; ++c) {
      const std::size_t component = c - c % 3 + static_cast<std::size_t>(cut[c % 3].axis);
      const auto sign = static_cast<float>(cut[c % 3].step);
      for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(box[c * size + i], sign * plain[component * size + i]);
    }
  }
}

TEST(CubeCut, AddingIsTheAdjointOfCutting) {
  for (const bool vector_channels : {false, true}) {
    const auto shape = ItemShape::cube(3, n, vector_channels);
    const auto cube = random_values(shape.values(), 1);
    for (const auto& cut : many_boxes(n)) {
      const auto box = random_values(static_cast<std::size_t>(cut_values(shape, cut)), 2);
      std::vector<float> added(cube.size());
      add_box(box, shape, cut, added);
      EXPECT_EQ(dot(cut_out(cube, shape, cut), box), dot(cube, added));
    }
  }
}

TEST(CubeCut, AddingAllSlicesGivesTheCubeBack) {
  const auto cube = spelled_cube(3);
  for (int axis = 0; axis < 3; ++axis) {
    const auto shape = ItemShape::cube(3, n, true);
    std::vector<float> sum(cube.size());
    for (std::int64_t index = 0; index < n; ++index) {
      const auto cut = slice_of_cube(n, axis, index);
      add_box(cut_out(cube, shape, cut), shape, cut, sum);
    }
    EXPECT_EQ(sum, cube);
  }
}

}  // namespace
}  // namespace phiscope
