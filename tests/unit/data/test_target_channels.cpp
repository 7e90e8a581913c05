#include <gtest/gtest.h>

#include <algorithm>

#include "phiscope/data/cube_cut.hpp"
#include "phiscope/data/grid_symmetry.hpp"

namespace phiscope {
namespace {

constexpr std::int64_t n = 4;
constexpr std::size_t cells = n * n * n;

ItemShape vectors_with_target() {
  ItemShape shape = ItemShape::cube(6, n, true);
  shape.target_channels = 3;
  return shape;
}

/// Every value another one; the target is ten times the input.
std::vector<float> fields() {
  std::vector<float> values(6 * cells);
  for (std::size_t i = 0; i < 3 * cells; ++i) {
    values[i] = static_cast<float>(i + 1);
    values[3 * cells + i] = 10.0F * values[i];
  }
  return values;
}

Normalisation none() {
  return {std::vector<double>(6, 0.0), std::vector<double>(6, 1.0)};
}

std::vector<float> input_of(const CubeCut& cut, const Normalisation& normalisation = none()) {
  std::vector<float> out(static_cast<std::size_t>(cut_values(vectors_with_target(), cut)));
  cut_box(fields(), vectors_with_target(), cut, normalisation, out);
  return out;
}

std::vector<float> target_of(const CubeCut& cut, const Normalisation& normalisation = none()) {
  std::vector<float> out(static_cast<std::size_t>(cut_target_values(vectors_with_target(), cut)));
  cut_target(fields(), vectors_with_target(), cut, normalisation, out);
  return out;
}

TEST(TargetChannels, InputAndTargetShareTheChannelsOut) {
  const auto cut = whole_cube(n);
  EXPECT_EQ(cut_values(vectors_with_target(), cut), static_cast<std::int64_t>(3 * cells));
  EXPECT_EQ(cut_target_values(vectors_with_target(), cut), static_cast<std::int64_t>(3 * cells));
  const auto all = fields();
  EXPECT_EQ(input_of(cut), std::vector<float>(all.begin(), all.begin() + 3 * cells));
  EXPECT_EQ(target_of(cut), std::vector<float>(all.begin() + 3 * cells, all.end()));
}

TEST(TargetChannels, EachChannelHasItsOwnNormalisation) {
  const Normalisation normalisation{{0, 0, 0, 1, 2, 3}, {1, 1, 1, 2, 4, 5}};
  const auto target = target_of(whole_cube(n), normalisation), plain = target_of(whole_cube(n));
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t i = 0; i < cells; ++i)
      EXPECT_FLOAT_EQ(target[c * cells + i], static_cast<float>((plain[c * cells + i] - normalisation.mean[3 + c]) /
                                                                normalisation.standard_deviation[3 + c]));
}

TEST(TargetChannels, TurnAsTheInputDoes) {
  for (std::uint64_t i = 0; i < 200; ++i) {
    RandomStream random(RandomPurpose::augmentation, 1, i);
    const auto cut = GridSymmetry::draw_of_cube(random, n, true, true).applied_to(whole_cube(n));
    auto input = input_of(cut);
    for (float& value : input) value *= 10.0F;
    EXPECT_EQ(target_of(cut), input);
  }
}

TEST(TargetChannels, AReflectedVectorChangesItsSign) {
  GridSymmetry mirror;
  mirror.reversed = {false, true, false};
  const auto cut = mirror.applied_to(whole_cube(n));
  const auto moved = target_of(cut), plain = target_of(whole_cube(n));
  const auto at = [](std::size_t c, std::size_t z, std::size_t y, std::size_t x) {
    return ((c * n + z) * n + y) * n + x;
  };
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t y = 0; y < n; ++y)
      EXPECT_EQ(moved[at(c, 1, y, 2)], (c == 1 ? -1.0F : 1.0F) * plain[at(c, 1, n - 1 - y, 2)]);
}

TEST(TargetChannels, ATurnedVectorHasItsComponentsExchanged) {
  GridSymmetry turn;
  turn.axes = {2, 1, 0};
  const auto cut = turn.applied_to(whole_cube(n));
  const auto moved = target_of(cut), plain = target_of(whole_cube(n));
  const auto at = [](std::size_t c, std::size_t z, std::size_t y, std::size_t x) {
    return ((c * n + z) * n + y) * n + x;
  };
  for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(moved[at(c, 3, 1, 2)], plain[at(2 - c, 2, 1, 3)]);
}

TEST(TargetChannels, GradientsOfTheInputGoToTheInputAlone) {
  const auto shape = vectors_with_target();
  std::vector<float> sum(shape.values(), 0.0F);
  add_box(std::vector<float>(3 * cells, 1.0F), shape, whole_cube(n), sum);
  EXPECT_TRUE(std::all_of(sum.begin(), sum.begin() + 3 * cells, [](float value) { return value == 1.0F; }));
  EXPECT_TRUE(std::all_of(sum.begin() + 3 * cells, sum.end(), [](float value) { return value == 0.0F; }));
}

}  // namespace
}  // namespace phiscope
