#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>

#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/parallel/communicator.hpp"
#include "phiscope/statistics/initial_power_limit.hpp"
#include "phiscope/statistics/slice_power.hpp"

namespace phiscope {
namespace {

constexpr std::int64_t n = 8;

/// The transform of f(i, j, l) over a team.
template <class Function>
SpectralField<double> transform_of(const Communicator& team, const Function& f) {
  const SlabLayout layout({n, 100.0}, team);
  Field<double> field(layout);
  for (std::int64_t i = 0; i < layout.planes(); ++i)
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t l = 0; l < n; ++l)
        field.row(i, j)[static_cast<std::size_t>(l)] = f(layout.first_plane() + i, j, l);
  return FourierTransform<double>(layout).forward(std::move(field));
}

double wave(std::int64_t mode, std::int64_t place) {
  return std::cos(2.0 * std::numbers::pi * static_cast<double>(mode * place) / static_cast<double>(n));
}

/// An arbitrary field without symmetries.
double rugged(std::int64_t i, std::int64_t j, std::int64_t l) {
  return std::sin(1.0 + 7.3 * static_cast<double>(i) + 3.1 * static_cast<double>(j * j) +
                  1.7 * static_cast<double>(l * i));
}

TEST(SlicePower, AWaveAlongAnAxisIsOneRingOfTwoSlicingsAndTheMeansOfTheThird) {
  // |φ_n|² = (n³/2)² at ±2 along axis 1: slices across axes 0 and 2 show it in ring 2, those across 1 in their means.
  const auto rings = slice_powers(transform_of(Communicator::world(), [](auto, auto j, auto) { return wave(2, j); }));
  const double square = 2.0 * std::pow(0.5 * n * n * n, 2);
  ASSERT_EQ(rings.size(), 4U);
  EXPECT_NEAR(rings[0], square, 1e-9 * square);
  EXPECT_NEAR(rings[1], 0.0, 1e-9 * square);
  EXPECT_NEAR(rings[2], 2.0 * square, 1e-9 * square);
  EXPECT_NEAR(rings[3], 0.0, 1e-9 * square);
}

TEST(SlicePower, IsTheMeanOfTheSlicesOwnSpectra) {
  // The transform of a slice by hand, mean over all slices of the three directions.
  const auto rings = slice_powers(transform_of(Communicator::self(), rugged));
  double mean = 0.0;
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t l = 0; l < n; ++l) mean += rugged(i, j, l) / (n * n * n);
  std::vector<double> expected(n / 2, 0.0);
  for (int normal = 0; normal < 3; ++normal)
    for (std::int64_t slice = 0; slice < n; ++slice)
      for (std::int64_t a = -n / 2 + 1; a <= n / 2; ++a)
        for (std::int64_t b = -n / 2 + 1; b <= n / 2; ++b) {
          double re = 0.0, im = 0.0;
          for (std::int64_t x = 0; x < n; ++x)
            for (std::int64_t y = 0; y < n; ++y) {
              const double value = (normal == 0   ? rugged(slice, x, y)
                                    : normal == 1 ? rugged(x, slice, y)
                                                  : rugged(x, y, slice)) -
                                   mean;
              const double phase = 2.0 * std::numbers::pi * static_cast<double>(a * x + b * y) / n;
              re += value * std::cos(phase);
              im += value * std::sin(phase);
            }
          const auto ring = static_cast<std::size_t>(std::lround(std::hypot(a, b)));
          if (ring < expected.size()) expected[ring] += n * (re * re + im * im);
        }
  for (std::size_t ring = 0; ring < expected.size(); ++ring)
    EXPECT_NEAR(rings[ring], expected[ring], 1e-10 * expected[ring]) << ring;
}

TEST(SlicePower, LeavesTheMeanOfTheCubeOut) {
  const auto rings = slice_powers(transform_of(Communicator::world(), [](auto...) { return 5.0; }));
  EXPECT_NEAR(std::accumulate(rings.begin(), rings.end(), 0.0), 0.0, 1e-12);
}

TEST(SlicePower, IsTheSameOnAnyNumberOfRanks) {
  const auto alone = slice_powers(transform_of(Communicator::self(), rugged));
  const auto shared = slice_powers(transform_of(Communicator::world(), rugged));
  for (std::size_t ring = 0; ring < alone.size(); ++ring)
    EXPECT_NEAR(shared[ring], alone[ring], 1e-12 * alone[ring]) << ring;
}

TEST(SliceModes, CountAModeAndItsConjugateOnce) {
  // Rings of a slice of 8 × 8: its mean, then |m| = 1 and √2 (8 modes), 2 and √5 (12), 2√2 and 3 and √10 (16).
  EXPECT_EQ(slice_modes(8), (std::vector<double>{0.5, 4.0, 6.0, 8.0}));
}

TEST(InitialPowerLimit, IsOneModeShortOfTheNyquistFrequency) {
  const GridShape shape{64, 100.0};
  EXPECT_DOUBLE_EQ(initial_power_limit(shape), 31.0 * shape.fundamental());
}

}  // namespace
}  // namespace phiscope
