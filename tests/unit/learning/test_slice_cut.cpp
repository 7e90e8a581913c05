#include <gtest/gtest.h>

#include <array>
#include <numeric>
#include <vector>

#include "phiscope/base/random.hpp"
#include "phiscope/learning/slice_cut.hpp"

namespace phiscope {
namespace {

constexpr std::int64_t n = 5;

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

std::vector<float> cut(const std::vector<float>& cube, std::int64_t channels, int axis, std::int64_t index,
                       bool vector_channels) {
  std::vector<float> out(static_cast<std::size_t>(channels * n * n));
  cut_slice(cube, channels, n, axis, index, vector_channels, out);
  return out;
}

double dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

class SliceCut : public testing::TestWithParam<int> {};

TEST_P(SliceCut, HoldsTheOtherTwoAxesInAscendingOrder) {
  const auto cube = spelled_cube(2);
  for (std::int64_t index = 0; index < n; ++index) {
    std::vector<float> expected;
    for (std::int64_t c = 0; c < 2; ++c)
      for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = 0; j < n; ++j)
          expected.push_back(GetParam() == 0   ? spelled(c, index, i, j)
                             : GetParam() == 1 ? spelled(c, i, index, j)
                                               : spelled(c, i, j, index));
    EXPECT_EQ(cut(cube, 2, GetParam(), index, false), expected);
  }
}

TEST_P(SliceCut, OrdersVectorComponentsInPlaneFirstAndNormalLast) {
  const auto cube = spelled_cube(6);
  const std::array<std::array<std::int64_t, 3>, 3> order{{{1, 2, 0}, {0, 2, 1}, {0, 1, 2}}};
  const auto slice = cut(cube, 6, GetParam(), 3, true);
  for (std::int64_t c = 0; c < 6; ++c) {
    const std::int64_t component = order[static_cast<std::size_t>(GetParam())][static_cast<std::size_t>(c % 3)];
    const auto expected = cut(cube, 6, GetParam(), 3, false);
    for (std::int64_t i = 0; i < n * n; ++i)
      EXPECT_EQ(slice[static_cast<std::size_t>(c * n * n + i)],
                expected[static_cast<std::size_t>((c - c % 3 + component) * n * n + i)]);
  }
}

TEST_P(SliceCut, NeighboursAtOnceAreTheSameAsOneByOne) {
  const auto cube = spelled_cube(3);
  std::vector<float> together(3 * 3 * n * n);
  cut_slices(cube, 3, n, GetParam(), 1, 3, true, together);
  std::vector<float> one_by_one;
  for (std::int64_t index = 1; index < 4; ++index) {
    const auto slice = cut(cube, 3, GetParam(), index, true);
    one_by_one.insert(one_by_one.end(), slice.begin(), slice.end());
  }
  EXPECT_EQ(together, one_by_one);
}

TEST_P(SliceCut, AddingIsTheAdjointOfCutting) {
  for (const bool vector_channels : {false, true}) {
    const auto cube = random_values(3 * n * n * n, 1);
    const auto slice = random_values(3 * n * n, 2);
    std::vector<float> added(cube.size());
    add_slice(slice, 3, n, GetParam(), 2, vector_channels, added);
    EXPECT_EQ(dot(cut(cube, 3, GetParam(), 2, vector_channels), slice), dot(cube, added));
  }
}

TEST_P(SliceCut, AddingAllSlicesTwiceDoublesTheCube) {
  const auto cube = spelled_cube(3);
  std::vector<float> sum(cube.size());
  for (int pass = 0; pass < 2; ++pass)
    for (std::int64_t index = 0; index < n; ++index)
      add_slice(cut(cube, 3, GetParam(), index, true), 3, n, GetParam(), index, true, sum);
  auto expected = cube;
  for (auto& value : expected) value *= 2;
  EXPECT_EQ(sum, expected);
}

TEST_P(SliceCut, LongRowsComeWhole) {
  constexpr std::int64_t side = 70;
  std::vector<float> cube(side * side * side);
  std::iota(cube.begin(), cube.end(), 0.0F);  // below 2^24: exact
  const std::array<std::array<std::int64_t, 3>, 3> normal_row_column{
      {{side * side, side, 1}, {side, side * side, 1}, {1, side * side, side}}};
  const auto [normal, row, column] = normal_row_column[static_cast<std::size_t>(GetParam())];
  std::vector<float> expected;
  for (std::int64_t index = 60; index < 63; ++index)
    for (std::int64_t i = 0; i < side; ++i)
      for (std::int64_t j = 0; j < side; ++j)
        expected.push_back(static_cast<float>(index * normal + i * row + j * column));
  std::vector<float> out(expected.size());
  cut_slices(cube, 1, side, GetParam(), 60, 3, false, out);
  EXPECT_EQ(out, expected);
}

INSTANTIATE_TEST_SUITE_P(Axes, SliceCut, testing::Values(0, 1, 2));

}  // namespace
}  // namespace phiscope
