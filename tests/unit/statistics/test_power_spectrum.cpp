#include "phiscope/statistics/power_spectrum.hpp"

#include <gtest/gtest.h>
#include <omp.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/random.hpp"
#include "phiscope/grid/fourier_transform.hpp"

namespace phiscope {
namespace {

constexpr double box_size = 100.0;

/// Gaussian noise, drawn by cell so that every layout holds the same cube.
template <class Real>
Field<Real> noise(const SlabLayout& layout, std::uint64_t seed = 1) {
  Field<Real> field(layout);
  const std::int64_t n = layout.shape().n;
  for (std::int64_t i = 0; i < layout.planes(); ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      RandomStream stream(RandomPurpose::gaussian_field, seed, static_cast<std::uint64_t>(layout.first_plane() + i),
                          static_cast<std::uint64_t>(j));
      for (Real& value : field.row(i, j)) value = static_cast<Real>(stream.normal());
    }
  return field;
}

/// 2 cos of the plane wave n: its coefficient at n is N³.
SpectralField<double> plane_wave(const SlabLayout& layout, std::array<std::int64_t, 3> wave) {
  Field<double> field(layout);
  const std::int64_t n = layout.shape().n;
  for (std::int64_t i = 0; i < layout.planes(); ++i)
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t k = 0; k < n; ++k) {
        const auto turns = static_cast<double>(wave[0] * (layout.first_plane() + i) + wave[1] * j + wave[2] * k);
        field.row(i, j)[static_cast<std::size_t>(k)] =
            2.0 * std::cos(2.0 * std::numbers::pi * turns / static_cast<double>(n));
      }
  return FourierTransform<double>(layout).forward(std::move(field));
}

/// Independent modes by |n|², counted one by one: n and −n, modulo N, are the same mode.
std::map<std::int64_t, std::int64_t> modes_by_square(const GridShape& shape) {
  std::map<std::int64_t, std::int64_t> modes;
  const std::int64_t n = shape.n;
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t k = 0; k < n; ++k) {
        const std::array<std::int64_t, 3> mine{i, j, k}, conjugate{(n - i) % n, (n - j) % n, (n - k) % n};
        if (conjugate < mine) continue;
        const std::int64_t a = shape.wave_number(i), b = shape.wave_number(j), c = shape.wave_number(k);
        ++modes[a * a + b * b + c * c];
      }
  return modes;
}

PowerOptions with_corners() {
  PowerOptions options;
  options.k_max = 1e3;
  return options;
}

TEST(PowerSpectrum, PlaneWaveHasOneMode) {
  const SlabLayout layout({12, box_size}, Communicator::world());
  const std::array<std::array<std::int64_t, 3>, 4> waves{{{3, 0, 0}, {0, 3, 0}, {0, 0, 3}, {2, -2, 1}}};
  for (const auto& wave : waves) {
    const PowerSpectrum power = PowerSpectrumEstimator<double>(layout, {}).measure(plane_wave(layout, wave));
    ASSERT_EQ(power.p.size(), 5U);
    for (std::size_t bin = 0; bin < 5; ++bin) {
      const double expected = bin == 2 ? box_size * box_size * box_size / static_cast<double>(power.modes[bin]) : 0.0;
      EXPECT_NEAR(power.p[bin], expected, 1e-9) << "bin " << bin;
    }
  }
}

TEST(PowerSpectrum, ModeCountsAreThoseOfBruteForce) {
  for (const std::int64_t n : {7, 8, 9, 10, 12}) {
    const SlabLayout layout({n, box_size}, Communicator::world());
    PowerOptions options = with_corners();
    options.bins.spacing = BinSpacing::edges;
    for (std::int64_t square = 1; square <= layout.shape().largest_squared_mode() + 1; ++square)
      options.bins.edges.push_back(std::sqrt(static_cast<double>(square)) * layout.shape().fundamental());
    const PowerSpectrum power = PowerSpectrumEstimator<double>(layout, options).measure(SpectralField<double>(layout));
    std::map<std::int64_t, std::int64_t> found;
    for (std::size_t i = 0; i < power.modes.size(); ++i) {
      const auto square = static_cast<std::int64_t>(power.bin[i]) + 1;
      found[square] = power.modes[i];
      EXPECT_NEAR(power.k[i], std::sqrt(static_cast<double>(square)) * layout.shape().fundamental(), 1e-12);
    }
    found[0] = 1;
    EXPECT_EQ(found, modes_by_square(layout.shape())) << "n = " << n;
  }
}

TEST(PowerSpectrum, EmptyBinsAreLeftOut) {
  const SlabLayout layout({8, box_size}, Communicator::world());
  PowerOptions options;
  options.bins.width = 0.1;
  const PowerSpectrumEstimator<double> estimator(layout, options);
  const PowerSpectrum power = estimator.measure(SpectralField<double>(layout));
  EXPECT_LT(power.k.size(), estimator.bin_edges().size() - 1);
  for (std::size_t i = 0; i < power.k.size(); ++i) {
    EXPECT_GT(power.modes[i], 0);
    EXPECT_GE(power.k[i], estimator.bin_edges()[power.bin[i]] * (1.0 - 1e-9));
    EXPECT_LT(power.k[i], estimator.bin_edges()[power.bin[i] + 1]);
  }
}

TEST(PowerSpectrum, WhiteNoiseHasTheVolumeOfACell) {
  const SlabLayout layout({24, box_size}, Communicator::world());
  const auto spectrum = FourierTransform<double>(layout).forward(noise<double>(layout));
  const PowerSpectrum power = PowerSpectrumEstimator<double>(layout, {}).measure(spectrum);
  const double cell = std::pow(box_size / 24.0, 3);
  for (std::size_t i = 0; i < power.p.size(); ++i)
    EXPECT_NEAR(power.p[i] / cell, 1.0, 5.0 / std::sqrt(static_cast<double>(power.modes[i]))) << "bin " << i;
}

TEST(PowerSpectrum, MultipolesOfAWaveAreThoseOfItsDirection) {
  const SlabLayout layout({12, box_size}, Communicator::world());
  for (int axis = 0; axis < 3; ++axis) {
    PowerOptions options;
    options.multipole_axis = axis;
    const PowerSpectrumEstimator<double> estimator(layout, options);
    std::array<std::int64_t, 3> along{}, across{};
    along[static_cast<std::size_t>(axis)] = 2;
    across[static_cast<std::size_t>((axis + 1) % 3)] = 2;
    const PowerSpectrum parallel = estimator.measure(plane_wave(layout, along));
    EXPECT_NEAR(parallel.p2[1] / parallel.p[1], 5.0, 1e-12);
    EXPECT_NEAR(parallel.p4[1] / parallel.p[1], 9.0, 1e-12);
    const PowerSpectrum perpendicular = estimator.measure(plane_wave(layout, across));
    EXPECT_NEAR(perpendicular.p2[1] / perpendicular.p[1], -2.5, 1e-12);
    EXPECT_NEAR(perpendicular.p4[1] / perpendicular.p[1], 27.0 / 8.0, 1e-12);
  }
}

TEST(PowerSpectrum, MultipolesAreEmptyUnlessAskedFor) {
  const SlabLayout layout({8, box_size}, Communicator::world());
  const PowerSpectrum power = PowerSpectrumEstimator<double>(layout, {}).measure(SpectralField<double>(layout));
  EXPECT_TRUE(power.p2.empty());
  EXPECT_TRUE(power.p4.empty());
}

TEST(PowerSpectrum, WindowIsUndoneAsOnTheField) {
  const SlabLayout layout({12, box_size}, Communicator::world());
  const auto spectrum = FourierTransform<double>(layout).forward(noise<double>(layout));
  PowerOptions options;
  options.window = Window::tsc;
  const PowerSpectrum inside = PowerSpectrumEstimator<double>(layout, options).measure(spectrum);
  const PowerSpectrum outside = PowerSpectrumEstimator<double>(layout, {}).measure(deconvolve(spectrum, Window::tsc));
  ASSERT_EQ(inside.p.size(), outside.p.size());
  for (std::size_t i = 0; i < inside.p.size(); ++i) EXPECT_NEAR(inside.p[i] / outside.p[i], 1.0, 1e-12);
}

TEST(PowerSpectrum, CrossPowerIsTheRealPartOfTheProduct) {
  const SlabLayout layout({12, box_size}, Communicator::world());
  const FourierTransform<double> transform(layout);
  const auto a = transform.forward(noise<double>(layout, 1));
  auto opposite = a;
  opposite.for_each_mode([](auto, auto, auto, int, auto& value) { value *= -2.0; });
  auto turned = a;
  turned.for_each_mode([](auto, auto, auto, int, auto& value) { value *= std::complex<double>(0.0, 1.0); });
  const PowerSpectrumEstimator<double> estimator(layout, {});
  const PowerSpectrum power = estimator.measure(a), minus = estimator.measure_cross(a, opposite),
                      zero = estimator.measure_cross(a, turned);
  for (std::size_t i = 0; i < power.p.size(); ++i) {
    EXPECT_NEAR(minus.p[i] / power.p[i], -2.0, 1e-12);
    EXPECT_NEAR(zero.p[i] / power.p[i], 0.0, 1e-12);
  }
}

TEST(PowerSpectrum, CrossMultipolesAreThoseOfTheSharedWave) {
  const SlabLayout layout({12, box_size}, Communicator::world());
  for (int axis = 0; axis < 3; ++axis) {
    PowerOptions options;
    options.multipole_axis = axis;
    std::array<std::int64_t, 3> along{}, across{};
    along[static_cast<std::size_t>(axis)] = 2;
    across[static_cast<std::size_t>((axis + 1) % 3)] = 2;
    const auto shared = plane_wave(layout, along), other = plane_wave(layout, across);
    auto both = shared;
    for (std::int64_t outer = 0; outer < both.outer_count(); ++outer)
      for (std::int64_t inner = 0; inner < 12; ++inner)
        for (std::size_t n2 = 0; n2 < 7; ++n2) both.row(outer, inner)[n2] += other.row(outer, inner)[n2];
    const PowerSpectrumEstimator<double> estimator(layout, options);
    const PowerSpectrum power = estimator.measure_cross(shared, both);
    EXPECT_NEAR(power.p2[1] / power.p[1], 5.0, 1e-12);
    EXPECT_NEAR(power.p4[1] / power.p[1], 9.0, 1e-12);
    const PowerSpectrum none = estimator.measure_cross(shared, other);
    EXPECT_NEAR(none.p2[1] / power.p[1], 0.0, 1e-12);
  }
}

TEST(CrossSpectrum, HalfTheFieldIsFullyCorrelatedAndHalfAsHigh) {
  const SlabLayout layout({12, box_size}, Communicator::world());
  const auto a = FourierTransform<float>(layout).forward(noise<float>(layout));
  auto b = a, minus = a;
  b.for_each_mode([](auto, auto, auto, int, auto& value) { value *= 0.5F; });
  minus.for_each_mode([](auto, auto, auto, int, auto& value) { value *= -0.5F; });
  const PowerSpectrumEstimator<float> estimator(layout, {});
  const CrossSpectrum pair = estimator.measure_pair(a, b), opposed = estimator.measure_pair(a, minus);
  ASSERT_EQ(pair.correlation.size(), pair.cross.p.size());
  ASSERT_GT(pair.correlation.size(), 3U);
  for (std::size_t i = 0; i < pair.correlation.size(); ++i) {
    EXPECT_NEAR(pair.correlation[i], 1.0, 1e-12);
    EXPECT_NEAR(pair.transfer[i], 2.0, 1e-12);
    EXPECT_NEAR(opposed.correlation[i], -1.0, 1e-12);
  }
}

TEST(CrossSpectrum, HoldsWhatIsMeasuredOneByOne) {
  const SlabLayout layout({11, box_size}, Communicator::world());
  const FourierTransform<double> transform(layout);
  const auto a = transform.forward(noise<double>(layout, 1)), b = transform.forward(noise<double>(layout, 2));
  PowerOptions options;
  options.multipole_axis = 2;
  options.window = Window::cic;
  const PowerSpectrumEstimator<double> estimator(layout, options);
  const CrossSpectrum pair = estimator.measure_pair(a, b);
  EXPECT_EQ(pair.a.p, estimator.measure(a).p);
  EXPECT_EQ(pair.b.p4, estimator.measure(b).p4);
  EXPECT_EQ(pair.cross.p, estimator.measure_cross(a, b).p);
  EXPECT_EQ(pair.cross.p2, estimator.measure_cross(a, b).p2);
  EXPECT_EQ(pair.cross.modes, pair.a.modes);
}

TEST(CrossSpectrum, IndependentNoiseIsNotCorrelated) {
  const SlabLayout layout({24, box_size}, Communicator::world());
  const FourierTransform<double> transform(layout);
  const CrossSpectrum pair =
      PowerSpectrumEstimator<double>(layout, {})
          .measure_pair(transform.forward(noise<double>(layout, 1)), transform.forward(noise<double>(layout, 2)));
  for (std::size_t i = 0; i < pair.correlation.size(); ++i)
    EXPECT_LT(std::abs(pair.correlation[i]), 5.0 / std::sqrt(static_cast<double>(pair.cross.modes[i]))) << "bin " << i;
}

TEST(PowerSpectrum, OneEstimatorMeasuresManyFields) {
  const SlabLayout layout({12, box_size}, Communicator::world());
  const PowerSpectrumEstimator<double> estimator(layout, {});
  const auto wave = plane_wave(layout, {0, 3, 0});
  const auto cube = FourierTransform<double>(layout).forward(noise<double>(layout));
  const PowerSpectrum before = estimator.measure(wave);
  const PowerSpectrum between = estimator.measure(cube);
  const PowerSpectrum after = estimator.measure(wave);
  EXPECT_EQ(before.p, after.p);
  EXPECT_EQ(before.k, between.k);
  EXPECT_EQ(before.modes, between.modes);
}

template <class Real>
void expect_team_agrees_with_one_rank(double tolerance) {
  const GridShape shape{18, box_size};
  for (const PowerConvention convention : {PowerConvention::standard, PowerConvention::pylians}) {
    PowerOptions options;
    options.convention = convention;
    options.multipole_axis = 1;
    const auto measured = [&](const Communicator& team) {
      const SlabLayout layout(shape, team);
      return PowerSpectrumEstimator<Real>(layout, options)
          .measure(FourierTransform<Real>(layout).forward(noise<Real>(layout)));
    };
    const PowerSpectrum together = measured(Communicator::world()), alone = measured(Communicator::self());
    EXPECT_EQ(together.modes, alone.modes);
    ASSERT_EQ(together.p.size(), alone.p.size());
    for (std::size_t i = 0; i < alone.p.size(); ++i) {
      EXPECT_NEAR(together.k[i] / alone.k[i], 1.0, 1e-14);
      EXPECT_NEAR(together.p[i] / alone.p[i], 1.0, tolerance);
      EXPECT_NEAR(together.p2[i] / alone.p[i], alone.p2[i] / alone.p[i], 10.0 * tolerance);
      EXPECT_NEAR(together.p4[i] / alone.p[i], alone.p4[i] / alone.p[i], 10.0 * tolerance);
    }
  }
}

TEST(PowerSpectrum, TeamAgreesWithOneRankInDouble) {
  expect_team_agrees_with_one_rank<double>(1e-12);
}
TEST(PowerSpectrum, TeamAgreesWithOneRankInSingle) {
  expect_team_agrees_with_one_rank<float>(1e-6);
}

TEST(PowerSpectrum, BitsDoNotDependOnTheNumberOfThreads) {
  const SlabLayout layout({20, box_size}, Communicator::self());
  const int threads = omp_get_max_threads();
  std::vector<std::vector<double>> found;
  for (const int count : {1, 2, 3}) {
    omp_set_num_threads(count);
    const auto spectrum = FourierTransform<double>(layout).forward(noise<double>(layout));
    PowerOptions options;
    options.multipole_axis = 0;
    const PowerSpectrum power = PowerSpectrumEstimator<double>(layout, options).measure(spectrum);
    found.push_back(power.p);
    found.back().insert(found.back().end(), power.p4.begin(), power.p4.end());
  }
  omp_set_num_threads(threads);
  EXPECT_EQ(found[0], found[1]);
  EXPECT_EQ(found[0], found[2]);
}

TEST(PowerSpectrum, FieldInAnotherBoxIsNamed) {
  const PowerSpectrumEstimator<float> estimator(SlabLayout({8, 10.0}, Communicator::self()), {});
  EXPECT_THROW(estimator.measure(SpectralField<float>(SlabLayout({8, 11.0}, Communicator::self()))), Error);
}

TEST(PowerSpectrum, UnknownAxisAndConventionAreNamed) {
  PowerOptions options;
  options.multipole_axis = 3;
  EXPECT_THROW(PowerSpectrumEstimator<float>(SlabLayout({8, 10.0}, Communicator::self()), options), Error);
  EXPECT_EQ(parse_power_convention("default"), PowerConvention::standard);
  EXPECT_THROW(parse_power_convention("pylian"), Error);
}

}  // namespace
}  // namespace phiscope
