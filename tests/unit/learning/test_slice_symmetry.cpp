#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>
#include <set>
#include <vector>

#include "phiscope/learning/slice_symmetry.hpp"

namespace phiscope {
namespace {

std::vector<float> applied(const SliceSymmetry& symmetry, std::int64_t n, std::int64_t channels, bool vector_channels,
                           const std::vector<float>& in) {
  std::vector<float> out(in.size());
  apply(symmetry, n, channels, vector_channels, in, out);
  return out;
}

std::vector<SliceSymmetry> flips_and_turns() {
  std::vector<SliceSymmetry> all;
  for (const bool transpose : {false, true})
    for (const bool flip_rows : {false, true})
      for (const bool flip_columns : {false, true}) all.push_back({transpose, flip_rows, flip_columns, 0, 0});
  return all;
}

/// All eight, each with a roll that is neither zero nor the same in both directions.
std::vector<SliceSymmetry> with_rolls() {
  auto all = flips_and_turns();
  for (auto& symmetry : all) {
    symmetry.roll_rows = 3;
    symmetry.roll_columns = -2;
  }
  return all;
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

/// Central differences of a periodic plane along both axes, with a third component that is a scalar of its own.
std::vector<float> gradient(const std::vector<float>& plane, std::int64_t n) {
  const auto at = [&](std::int64_t i, std::int64_t j) {
    return plane[static_cast<std::size_t>(((i + n) % n) * n + (j + n) % n)];
  };
  const auto size = static_cast<std::size_t>(n * n);
  std::vector<float> result(3 * size);
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      const auto here = static_cast<std::size_t>(i * n + j);
      result[here] = at(i + 1, j) - at(i - 1, j);
      result[size + here] = at(i, j + 1) - at(i, j - 1);
      result[2 * size + here] = 10.0F * at(i, j);
    }
  }
  return result;
}

/// |DFT|² of a small plane by its definition.
std::vector<double> mode_powers(const std::vector<float>& plane, std::int64_t n) {
  std::vector<double> powers;
  for (std::int64_t a = 0; a < n; ++a) {
    for (std::int64_t b = 0; b < n; ++b) {
      std::complex<double> sum = 0;
      for (std::int64_t i = 0; i < n; ++i)
        for (std::int64_t j = 0; j < n; ++j)
          sum += static_cast<double>(plane[static_cast<std::size_t>(i * n + j)]) *
                 std::polar(1.0,
                            -2 * std::numbers::pi * static_cast<double>((a * i + b * j) % n) / static_cast<double>(n));
      powers.push_back(std::norm(sum));
    }
  }
  return powers;
}

/// Total power at each squared wave number.
std::vector<double> power_spectrum(const std::vector<float>& plane, std::int64_t n) {
  const auto powers = mode_powers(plane, n);
  std::vector<double> spectrum(static_cast<std::size_t>(n * n));
  for (std::int64_t a = 0; a < n; ++a) {
    for (std::int64_t b = 0; b < n; ++b) {
      const std::int64_t ka = std::min(a, n - a);
      const std::int64_t kb = std::min(b, n - b);
      spectrum[static_cast<std::size_t>(ka * ka + kb * kb)] += powers[static_cast<std::size_t>(a * n + b)];
    }
  }
  return spectrum;
}

TEST(SliceSymmetry, IdentityChangesNothing) {
  const auto in = counting(2 * 7 * 7);
  EXPECT_EQ(applied({}, 7, 2, false, in), in);
}

TEST(SliceSymmetry, PartsDoWhatTheyAreNamed) {
  const std::vector<float> in{0, 1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(applied({.transpose = true}, 3, 1, false, in), (std::vector<float>{0, 3, 6, 1, 4, 7, 2, 5, 8}));
  EXPECT_EQ(applied({.flip_rows = true}, 3, 1, false, in), (std::vector<float>{6, 7, 8, 3, 4, 5, 0, 1, 2}));
  EXPECT_EQ(applied({.flip_columns = true}, 3, 1, false, in), (std::vector<float>{2, 1, 0, 5, 4, 3, 8, 7, 6}));
  EXPECT_EQ(applied({.roll_rows = 1}, 3, 1, false, in), (std::vector<float>{6, 7, 8, 0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(applied({.roll_columns = -1}, 3, 1, false, in), (std::vector<float>{1, 2, 0, 4, 5, 3, 7, 8, 6}));
}

TEST(SliceSymmetry, PartsActInTheOrderOfTheirNames) {
  const std::vector<float> in = random_values(49);
  auto stepwise = applied({.transpose = true}, 7, 1, false, in);
  stepwise = applied({.flip_rows = true}, 7, 1, false, stepwise);
  stepwise = applied({.roll_rows = 2, .roll_columns = 3}, 7, 1, false, stepwise);
  EXPECT_EQ(applied({true, true, false, 2, 3}, 7, 1, false, in), stepwise);
}

TEST(SliceSymmetry, TransposeAndOneFlipIsAQuarterTurn) {
  const auto in = random_values(36);
  auto turned = in;
  for (int turn = 0; turn < 4; ++turn) {
    if (turn > 0) {
      EXPECT_NE(turned, in);
    }
    turned = applied({.transpose = true, .flip_rows = true}, 6, 1, false, turned);
  }
  EXPECT_EQ(turned, in);
}

TEST(SliceSymmetry, EachElementMovesEveryValueToOnePlace) {
  const auto in = counting(20 * 20);
  for (const auto& symmetry : with_rolls()) {
    auto out = applied(symmetry, 20, 1, false, in);
    std::sort(out.begin(), out.end());
    EXPECT_EQ(out, in);
  }
}

TEST(SliceSymmetry, TheEightElementsDiffer) {
  std::set<std::vector<float>> results;
  for (const auto& symmetry : flips_and_turns()) results.insert(applied(symmetry, 5, 1, false, counting(25)));
  EXPECT_EQ(results.size(), 8U);
}

TEST(SliceSymmetry, ARollByTheSideIsNone) {
  const auto in = counting(25);
  EXPECT_EQ(applied({.roll_rows = 5, .roll_columns = -10}, 5, 1, false, in), in);
}

TEST(SliceSymmetry, MovesEachScalarChannelAlike) {
  const SliceSymmetry symmetry{true, false, true, 1, 2};
  const auto in = random_values(3 * 36);
  const auto out = applied(symmetry, 6, 3, false, in);
  for (std::size_t c = 0; c < 3; ++c) {
    const auto offset = static_cast<std::ptrdiff_t>(c * 36);
    const std::vector<float> channel(in.begin() + offset, in.begin() + offset + 36);
    EXPECT_EQ(applied(symmetry, 6, 1, false, channel),
              (std::vector<float>(out.begin() + offset, out.begin() + offset + 36)));
  }
}

TEST(SliceSymmetry, GradientOfATransformedFieldIsTheTransformedGradient) {
  constexpr std::int64_t n = 18;
  const auto field = random_values(n * n);
  for (const auto& symmetry : with_rolls())
    EXPECT_EQ(gradient(applied(symmetry, n, 1, false, field), n), applied(symmetry, n, 3, true, gradient(field, n)));
}

TEST(SliceSymmetry, EachThreeVectorChannelsAreOneVector) {
  constexpr std::int64_t n = 6;
  const auto first = gradient(random_values(n * n), n);
  auto both = first;
  both.insert(both.end(), first.begin(), first.end());
  const SliceSymmetry symmetry{true, true, false, 1, 0};
  auto expected = applied(symmetry, n, 3, true, first);
  expected.insert(expected.end(), expected.begin(), expected.begin() + 3 * n * n);
  EXPECT_EQ(applied(symmetry, n, 6, true, both), expected);
}

TEST(SliceSymmetry, LeavesThePowerSpectrumUnchanged) {
  constexpr std::int64_t n = 8;
  const auto in = random_values(n * n);
  const auto before = power_spectrum(in, n);
  for (const auto& symmetry : with_rolls()) {
    const auto after = power_spectrum(applied(symmetry, n, 1, false, in), n);
    for (std::size_t k = 0; k < before.size(); ++k) EXPECT_NEAR(after[k], before[k], 1e-10 * before[0]);
  }
}

TEST(SliceSymmetry, ARollLeavesThePowerOfEachModeUnchanged) {
  constexpr std::int64_t n = 8;
  const auto in = random_values(n * n);
  const auto before = mode_powers(in, n);
  const auto after = mode_powers(applied({.roll_rows = 3, .roll_columns = 1}, n, 1, false, in), n);
  for (std::size_t k = 0; k < before.size(); ++k) EXPECT_NEAR(after[k], before[k], 1e-10 * before[0]);
}

TEST(SliceSymmetry, DrawsEachElementEquallyOften) {
  RandomStream random(RandomPurpose::augmentation, 1);
  std::array<int, 8> counts{};
  constexpr int draws = 8000;
  for (int i = 0; i < draws; ++i) {
    const auto symmetry = SliceSymmetry::draw(random, 16, true, true);
    ++counts[(symmetry.transpose ? 1U : 0U) + (symmetry.flip_rows ? 2U : 0U) + (symmetry.flip_columns ? 4U : 0U)];
  }
  // Five standard deviations of a binomial with p = 1/8.
  for (const int count : counts) EXPECT_NEAR(count, draws / 8, 5 * std::sqrt(draws * 7.0 / 64.0));
}

TEST(SliceSymmetry, DrawsRollsWithinTheSlice) {
  RandomStream random(RandomPurpose::augmentation, 1);
  std::set<std::int64_t> rows;
  std::set<std::int64_t> columns;
  for (int i = 0; i < 500; ++i) {
    const auto symmetry = SliceSymmetry::draw(random, 5, true, true);
    rows.insert(symmetry.roll_rows);
    columns.insert(symmetry.roll_columns);
  }
  EXPECT_EQ(rows, (std::set<std::int64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(columns, (std::set<std::int64_t>{0, 1, 2, 3, 4}));
}

TEST(SliceSymmetry, DrawsTheIdentityWhenNothingIsWanted) {
  RandomStream random(RandomPurpose::augmentation, 1);
  const auto in = counting(25);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(applied(SliceSymmetry::draw(random, 5, false, false), 5, 1, false, in), in);
}

}  // namespace
}  // namespace phiscope
