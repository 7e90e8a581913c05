#include "phiscope/simulation/gaussian_field.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <complex>
#include <numbers>
#include <numeric>

namespace phiscope {
namespace {

constexpr std::int64_t n = 16;
constexpr double side = 40.0;

double falling(std::int64_t squared) {
  return 100.0 / static_cast<double>(squared);
}

using Wave = std::array<std::int64_t, 3>;

/// φ_k = V/N^axes Σ φ(x) e^{−ikx}; of a map the first number of the wave is 0.
std::complex<double> mode_of(const std::vector<double>& field, int axes, const Wave& wave, double volume) {
  std::complex<double> sum = 0;
  std::size_t i = 0;
  for (std::int64_t z = 0; z < (axes == 3 ? n : 1); ++z)
    for (std::int64_t y = 0; y < n; ++y)
      for (std::int64_t x = 0; x < n; ++x) {
        const auto steps = static_cast<double>(wave[0] * z + wave[1] * y + wave[2] * x);
        sum += field[i++] * std::polar(1.0, -2.0 * std::numbers::pi * steps / static_cast<double>(n));
      }
  return sum * volume / static_cast<double>(field.size());
}

std::int64_t squared_of(const Wave& wave) {
  return wave[0] * wave[0] + wave[1] * wave[1] + wave[2] * wave[2];
}

TEST(GaussianModes, HaveTheSpectrumThatWasAskedFor) {
  constexpr std::uint64_t seeds = 300;
  const std::vector<Wave> waves{{0, 0, 1}, {0, 1, 0}, {0, -1, 2}, {0, 3, 0}, {0, -3, 4}, {0, 0, 7}, {0, 7, 0}};
  for (const int axes : {2, 3}) {
    const double volume = std::pow(side, axes);
    std::vector<double> ratio(waves.size(), 0.0);
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
      const auto field = GaussianModes(axes, n, seed).field(falling, volume);
      for (std::size_t i = 0; i < waves.size(); ++i) {
        Wave wave = waves[i];
        if (axes == 3) std::swap(wave[0], wave[1]);
        ratio[i] += std::norm(mode_of(field, axes, wave, volume)) / volume / falling(squared_of(wave)) / seeds;
      }
    }
    // |φ_k|² scatters by as much as its mean.
    for (std::size_t i = 0; i < waves.size(); ++i) EXPECT_NEAR(ratio[i], 1.0, 4.0 / std::sqrt(seeds)) << axes << i;
    EXPECT_NEAR(std::accumulate(ratio.begin(), ratio.end(), 0.0) / static_cast<double>(waves.size()), 1.0,
                4.0 / std::sqrt(static_cast<double>(seeds * waves.size())));
  }
}

TEST(GaussianModes, TheVarianceIsTheSumOfTheSpectrum) {
  for (const int axes : {2, 3}) {
    const double volume = std::pow(side, axes);
    double expected = 0, found = 0, values = 0;
    GaussianModes::for_each_degree(axes, n, [&](std::int64_t squared) { expected += falling(squared) / volume; });
    for (std::uint64_t seed = 0; seed < 300; ++seed)
      for (const double value : GaussianModes(axes, n, seed).field(falling, volume)) {
        found += value * value;
        values += 1.0;
      }
    EXPECT_NEAR(found / values, expected, 0.1 * expected);
  }
}

TEST(GaussianModes, FieldsHaveNoMean) {
  for (const int axes : {2, 3}) {
    const auto field = GaussianModes(axes, n, 5).field(falling, 1.0);
    EXPECT_EQ(field.size(), static_cast<std::size_t>(axes == 3 ? n * n * n : n * n));
    EXPECT_NEAR(std::accumulate(field.begin(), field.end(), 0.0), 0.0, 1e-9);
  }
}

TEST(GaussianModes, ModesBeyondTheLimitAreNone) {
  const auto field = GaussianModes(3, n, 5).field([](std::int64_t) { return 1.0; }, 1.0);
  EXPECT_GT(std::abs(mode_of(field, 3, {0, 0, 7}, 1.0)), 1e-3);
  EXPECT_NEAR(std::abs(mode_of(field, 3, {0, 1, 7}, 1.0)), 0.0, 1e-9);
  EXPECT_NEAR(std::abs(mode_of(field, 3, {0, 0, 8}, 1.0)), 0.0, 1e-9);
  EXPECT_NEAR(std::abs(mode_of(field, 3, {5, 5, 5}, 1.0)), 0.0, 1e-9);
}

TEST(GaussianModes, AFinerGridAddsModesAndChangesNone) {
  const auto low = [](std::int64_t squared) { return squared <= 49 ? falling(squared) : 0.0; };
  for (const int axes : {2, 3}) {
    const auto coarse = GaussianModes(axes, n, 3, 8).field(low, 1e3),
               fine = GaussianModes(axes, 2 * n, 3, 8).field(low, 1e3);
    for (std::int64_t z = 0; z < (axes == 3 ? n : 1); ++z)
      for (std::int64_t y = 0; y < n; ++y)
        for (std::int64_t x = 0; x < n; ++x)
          ASSERT_NEAR(coarse[static_cast<std::size_t>((z * n + y) * n + x)],
                      fine[static_cast<std::size_t>((2 * z * 2 * n + 2 * y) * 2 * n + 2 * x)], 1e-12);
  }
}

TEST(GaussianModes, SeedsAndRealisationsAreOthers) {
  const auto field = GaussianModes(2, n, 3, 8).field(falling, 1.0);
  EXPECT_EQ(GaussianModes(2, n, 3, 8).field(falling, 1.0), field);
  EXPECT_NE(GaussianModes(2, n, 4, 8).field(falling, 1.0), field);
  EXPECT_NE(GaussianModes(2, n, 3, 9).field(falling, 1.0), field);
}

TEST(GaussianModes, DegreesOfFreedomAreTheModesWithinTheLimit) {
  for (const int axes : {2, 3})
    for (const std::int64_t grid : {4, 8, 10, 16}) {
      const std::int64_t most = grid / 2 - 1, planes = axes == 3 ? most : 0;
      std::int64_t modes = 0;
      for (std::int64_t a = -planes; a <= planes; ++a)
        for (std::int64_t b = -most; b <= most; ++b)
          for (std::int64_t c = -most; c <= most; ++c) {
            const std::int64_t squared = a * a + b * b + c * c;
            modes += squared > 0 && squared <= most * most ? 1 : 0;
          }
      // A mode and its conjugate are two real numbers.
      EXPECT_EQ(GaussianModes::degrees_of_freedom(axes, grid), modes) << axes << " axes of " << grid;
    }
}

}  // namespace
}  // namespace phiscope
