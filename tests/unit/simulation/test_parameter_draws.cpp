#include "phiscope/simulation/parameter_draws.hpp"

#include <gtest/gtest.h>

#include <set>

#include "../io/temporary_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;

SimulateSettings settings_of(Sampling sampling, std::int64_t simulations,
                             const std::map<std::string, ParameterRange>& parameters) {
  SimulateSettings settings;
  settings.sampling = sampling;
  settings.simulations = simulations;
  settings.parameters = parameters;
  return settings;
}

/// So many parameters from 0 to 1: p00, p01, …
std::map<std::string, ParameterRange> unit_ranges(std::size_t count) {
  std::map<std::string, ParameterRange> ranges;
  for (std::size_t i = 0; i < count; ++i) ranges["p" + std::to_string(i / 10) + std::to_string(i % 10)] = {0, 1};
  return ranges;
}

double unit(const ParameterDraws& draws, std::size_t row, std::size_t column) {
  return draws.values[row * draws.names.size() + column];
}

TEST(ParameterDraws, EveryValueIsInItsRange) {
  for (const auto sampling : {Sampling::sobol, Sampling::latin_hypercube, Sampling::random}) {
    const auto draws = draw_parameters(settings_of(sampling, 500, {{"Omega_m", {0.1, 0.5}}, {"tilt", {-2, -1}}}));
    EXPECT_EQ(draws.names, (std::vector<std::string>{"Omega_m", "tilt"}));
    ASSERT_EQ(draws.rows(), 500U);
    for (std::size_t row = 0; row < 500; ++row) {
      EXPECT_GE(draws.value(row, "Omega_m", 0), 0.1);
      EXPECT_LE(draws.value(row, "Omega_m", 0), 0.5);
      EXPECT_GE(draws.value(row, "tilt", 0), -2.0);
      EXPECT_LE(draws.value(row, "tilt", 0), -1.0);
      EXPECT_EQ(draws.value(row, "h", 0.7), 0.7);
    }
    EXPECT_TRUE(draws.has("tilt"));
    EXPECT_FALSE(draws.has("h"));
  }
}

TEST(ParameterDraws, FollowFromTheSeedAlone) {
  for (const auto sampling : {Sampling::sobol, Sampling::latin_hypercube, Sampling::random}) {
    auto settings = settings_of(sampling, 20, unit_ranges(3));
    const auto draws = draw_parameters(settings);
    EXPECT_EQ(draw_parameters(settings).values, draws.values);
    settings.seed = 2;
    EXPECT_NE(draw_parameters(settings).values, draws.values);
  }
}

TEST(ParameterDraws, SobolPointsFillEachCellOnce) {
  const auto draws = draw_parameters(settings_of(Sampling::sobol, 1024, unit_ranges(10)));
  for (std::size_t column = 0; column < 10; ++column)
    for (const std::size_t cells : {2U, 8U, 64U, 1024U}) {
      std::set<std::size_t> filled;
      for (std::size_t row = 0; row < cells; ++row)
        filled.insert(static_cast<std::size_t>(unit(draws, row, column) * static_cast<double>(cells)));
      EXPECT_EQ(filled.size(), cells) << "dimension " << column;
    }
}

TEST(ParameterDraws, SobolPointsOfTwoDimensionsFillEachRectangleOnce) {
  // The first two dimensions are a (0, m, 2)-net: of 2^m points one lies in each of 2^a × 2^b rectangles, a + b = m.
  constexpr std::size_t m = 8, count = 1U << m;
  const auto draws = draw_parameters(settings_of(Sampling::sobol, count, unit_ranges(2)));
  for (std::size_t a = 0; a <= m; ++a) {
    std::set<std::pair<std::size_t, std::size_t>> filled;
    for (std::size_t row = 0; row < count; ++row)
      filled.insert({static_cast<std::size_t>(unit(draws, row, 0) * static_cast<double>(1U << a)),
                     static_cast<std::size_t>(unit(draws, row, 1) * static_cast<double>(1U << (m - a)))});
    EXPECT_EQ(filled.size(), count) << a;
  }
}

TEST(ParameterDraws, NoTwoSobolDimensionsAreAlike) {
  // Of each pair of dimensions 1024 points fill all of 16 × 16 squares evenly.
  const auto draws = draw_parameters(settings_of(Sampling::sobol, 1024, unit_ranges(10)));
  for (std::size_t a = 0; a < 10; ++a)
    for (std::size_t b = 0; b < a; ++b) {
      std::map<std::pair<int, int>, int> points;
      for (std::size_t row = 0; row < 1024; ++row)
        ++points[{static_cast<int>(4 * unit(draws, row, a)), static_cast<int>(4 * unit(draws, row, b))}];
      EXPECT_EQ(points.size(), 16U);
      for (const auto& [square, count] : points) EXPECT_EQ(count, 64) << a << ' ' << b;
    }
}

TEST(ParameterDraws, ALatinHypercubeHasOnePointInEachInterval) {
  constexpr std::size_t count = 37;
  const auto draws = draw_parameters(settings_of(Sampling::latin_hypercube, count, unit_ranges(12)));
  for (std::size_t column = 0; column < 12; ++column) {
    std::set<std::size_t> filled;
    for (std::size_t row = 0; row < count; ++row)
      filled.insert(static_cast<std::size_t>(unit(draws, row, column) * count));
    EXPECT_EQ(filled.size(), count);
  }
}

TEST(ParameterDraws, AGridChangesItsLastParameterFastest) {
  const auto draws = draw_parameters(settings_of(Sampling::grid, 1, {{"a", {0, 1, 2}}, {"b", {10, 14, 3}}}));
  EXPECT_EQ(draws.values, (std::vector<double>{0, 10, 0, 12, 0, 14, 1, 10, 1, 12, 1, 14}));
}

TEST(ParameterDraws, RangesWithoutMeaningAreNamed) {
  const auto problem = [](Sampling sampling, const std::map<std::string, ParameterRange>& ranges) {
    return error_of([&] { draw_parameters(settings_of(sampling, 10, ranges)); });
  };
  EXPECT_TRUE(contains(problem(Sampling::random, {{"h", {0.7, 0.6}}}), "simulate.parameters.h: the range is from 0.7"));
  EXPECT_TRUE(contains(problem(Sampling::random, {{"h", {0.7, 0.7}}}), "expected the lower value first"));
  EXPECT_TRUE(contains(problem(Sampling::grid, {{"h", {0.6, 0.7}}}), "a grid needs a number of values"));
  EXPECT_TRUE(contains(problem(Sampling::grid, {{"a", {0, 1, 100000}}, {"b", {0, 1, 100000}}}), "more than 100000000"));
  EXPECT_TRUE(contains(problem(Sampling::sobol, unit_ranges(11)), "there are 11 parameters: take latin_hypercube"));
  EXPECT_EQ(problem(Sampling::sobol, unit_ranges(10)), "");
}

}  // namespace
}  // namespace phiscope
