#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <complex>
#include <cstdint>
#include <functional>
#include <limits>
#include <numbers>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/random.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/grid/painting.hpp"

namespace phiscope {
namespace {

constexpr std::array<Window, 4> schemes{Window::ngp, Window::cic, Window::tsc, Window::pcs};
constexpr double pi = std::numbers::pi;
constexpr double side = 100.0;

Communicator world() {
  return Communicator::world();
}

/// Unclustered particles, some of them outside of the box: x, y, z of each.
std::vector<double> scattered(std::size_t count) {
  RandomStream random(RandomPurpose::augmentation, 7);
  std::vector<double> positions(3 * count);
  for (double& value : positions) value = side * (3.0 * random.uniform() - 1.0);
  return positions;
}

/// Every size-th particle, from the rank-th on: what this rank brings.
std::vector<double> dealt(const std::vector<double>& positions) {
  std::vector<double> mine;
  const auto rank = static_cast<std::size_t>(world().rank()), size = static_cast<std::size_t>(world().size());
  for (std::size_t i = rank; i < positions.size() / 3; i += size)
    mine.insert(mine.end(), positions.begin() + static_cast<std::ptrdiff_t>(3 * i),
                positions.begin() + static_cast<std::ptrdiff_t>(3 * i + 3));
  return mine;
}

ParticlePainter<double> painted(const std::vector<double>& positions, std::int64_t n, Window scheme,
                                Placement placement = Placement::as_given) {
  ParticlePainter<double> painter(SlabLayout({n, side}, world()), scheme, placement);
  painter.add(dealt(positions));
  return painter;
}

/// All n³ values, on every rank.
std::vector<double> whole(const Field<double>& field) {
  std::vector<double> mine(static_cast<std::size_t>(field.layout().local_cells()));
  field.copy_to(std::span<double>(mine));
  return world().gather_all(std::span<const double>(mine));
}

std::size_t cell(std::int64_t n, std::int64_t i, std::int64_t j, std::int64_t k) {
  return static_cast<std::size_t>((i * n + j) * n + k);
}

/// The coefficient of a mode, on every rank.
std::complex<double> coefficient(const SpectralField<double>& field, std::int64_t n0, std::int64_t n1,
                                 std::int64_t n2) {
  const auto* found = field.find(n0, n1, n2);
  std::array<double, 2> parts{found != nullptr ? found->real() : 0.0, found != nullptr ? found->imag() : 0.0};
  world().sum_in_place(std::span<double>(parts));
  return {parts[0], parts[1]};
}

SpectralField<double> transformed(Field<double> field) {
  return FourierTransform<double>(field.layout()).forward(std::move(field));
}

SpectralField<double> interlaced(const std::vector<double>& positions, std::int64_t n, Window scheme) {
  return interlace(transformed(painted(positions, n, scheme).weights()),
                   transformed(painted(positions, n, scheme, Placement::half_cell_up).weights()));
}

TEST(Painting, TotalWeightIsThatOfTheParticles) {
  for (const Window scheme : schemes) {
    double sum = 0.0;
    for (const double value : whole(painted(scattered(500), 9, scheme).weights())) sum += value;
    EXPECT_NEAR(sum, 500.0, 1e-10) << window_name(scheme);
  }
}

/// A particle at (2.3, 0, 0) cells, n = 8: its share along the first axis, by the B-splines' formulas.
TEST(Painting, OneParticleIsSharedOutByTheSpline) {
  const std::vector<double> particle{2.3 * side / 8, 0.0, 0.0};
  const double at_zero_tsc = 0.75, at_zero_pcs = 2.0 / 3.0;
  const auto ngp = whole(painted(particle, 8, Window::ngp).weights());
  EXPECT_NEAR(ngp[cell(8, 2, 0, 0)], 1.0, 1e-14);
  const auto cic = whole(painted(particle, 8, Window::cic).weights());
  EXPECT_NEAR(cic[cell(8, 2, 0, 0)], 0.7, 1e-14);
  EXPECT_NEAR(cic[cell(8, 3, 0, 0)], 0.3, 1e-14);
  const auto tsc = whole(painted(particle, 8, Window::tsc).weights());
  EXPECT_NEAR(tsc[cell(8, 1, 0, 0)], 0.02 * at_zero_tsc * at_zero_tsc, 1e-14);
  EXPECT_NEAR(tsc[cell(8, 2, 0, 0)], 0.66 * at_zero_tsc * at_zero_tsc, 1e-14);
  EXPECT_NEAR(tsc[cell(8, 3, 0, 0)], 0.32 * at_zero_tsc * at_zero_tsc, 1e-14);
  EXPECT_NEAR(tsc[cell(8, 2, 7, 1)], 0.66 * 0.125 * 0.125, 1e-14);
  const auto pcs = whole(painted(particle, 8, Window::pcs).weights());
  EXPECT_NEAR(pcs[cell(8, 1, 0, 0)], 0.343 / 6 * at_zero_pcs * at_zero_pcs, 1e-14);
  EXPECT_NEAR(pcs[cell(8, 2, 0, 0)], (4 - 6 * 0.09 + 3 * 0.027) / 6 * at_zero_pcs * at_zero_pcs, 1e-14);
  EXPECT_NEAR(pcs[cell(8, 3, 0, 0)], (4 - 6 * 0.49 + 3 * 0.343) / 6 * at_zero_pcs * at_zero_pcs, 1e-14);
  EXPECT_NEAR(pcs[cell(8, 4, 0, 0)], 0.027 / 6 * at_zero_pcs * at_zero_pcs, 1e-14);
}

TEST(Painting, CloudsWrapAroundTheBox) {
  const std::vector<double> particle{-0.25 * side / 8, 8.0 * side / 8, 1e-20 - side};
  const auto cic = whole(painted(particle, 8, Window::cic).weights());
  EXPECT_NEAR(cic[cell(8, 7, 0, 0)], 0.25, 1e-14);
  EXPECT_NEAR(cic[cell(8, 0, 0, 0)], 0.75, 1e-14);
}

TEST(Painting, ParticlesMovedByOneCellMoveTheField) {
  auto positions = scattered(200);
  for (const Window scheme : schemes) {
    const auto before = whole(painted(positions, 8, scheme).weights());
    auto moved = positions;
    for (std::size_t i = 0; i < moved.size(); i += 3) moved[i] += side / 8;
    const auto after = whole(painted(moved, 8, scheme).weights());
    for (std::int64_t i = 0; i < 8; ++i)
      for (std::int64_t jk = 0; jk < 64; ++jk)
        ASSERT_NEAR(after[cell(8, (i + 1) % 8, 0, jk)], before[cell(8, i, 0, jk)], 1e-11) << window_name(scheme);
  }
}

TEST(Painting, WeightsCountAsManyParticles) {
  const auto positions = scattered(10);
  std::vector<double> repeated;
  for (int times = 0; times < 3; ++times) repeated.insert(repeated.end(), positions.begin(), positions.end());
  ParticlePainter<double> weighted(SlabLayout({8, side}, world()), Window::tsc);
  const auto mine = dealt(positions);
  weighted.add(mine, std::vector<double>(mine.size() / 3, 3.0));
  EXPECT_EQ(weighted.particles(), 10);
  EXPECT_NEAR(weighted.total_weight(), 30.0, 1e-12);
  EXPECT_NEAR(weighted.shot_noise(), side * side * side / 10.0, 1e-9);
  const auto found = whole(std::move(weighted).weights());
  const auto expected = whole(painted(repeated, 8, Window::tsc).weights());
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], 1e-12);
}

/// The same field as one rank paints that has all particles, though here each rank brings some.
TEST(Painting, FieldDoesNotDependOnWhoBringsTheParticles) {
  const auto positions = scattered(1000);
  for (const Window scheme : schemes) {
    ParticlePainter<double> alone(SlabLayout({9, side}, Communicator::self()), scheme);
    alone.add(positions);
    std::vector<double> expected(9 * 9 * 9);
    std::move(alone).weights().copy_to(std::span<double>(expected));
    const auto found = whole(painted(positions, 9, scheme).weights());
    for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], 1e-12) << window_name(scheme);
  }
}

/// `m` particles along an axis at (i, j, l) L/m, displaced along the first axis by `amplitude` · sin(2π wave x/L).
std::vector<double> lattice(std::int64_t m, double amplitude, std::int64_t wave) {
  std::vector<double> positions;
  for (std::int64_t i = 0; i < m; ++i)
    for (std::int64_t j = 0; j < m; ++j)
      for (std::int64_t l = 0; l < m; ++l) {
        const double x = side * static_cast<double>(i) / static_cast<double>(m);
        positions.push_back(x + amplitude * std::sin(2.0 * pi * static_cast<double>(wave) * x / side));
        positions.push_back(side * static_cast<double>(j) / static_cast<double>(m));
        positions.push_back(side * static_cast<double>(l) / static_cast<double>(m));
      }
  return positions;
}

TEST(Painting, UniformLatticeHasNoContrast) {
  const auto positions = lattice(16, 0.0, 0);
  for (const Window scheme : schemes)
    for (const double value : whole(painted(positions, 8, scheme).overdensity()))
      ASSERT_NEAR(value, 0.0, 1e-12) << window_name(scheme);
}

/// Displacing by ψ = A sin(kx) makes δ = −A k cos(kx) to first order in A: −A k N³/2 at both modes ±k, real, so that
/// the cells lie where they are said to lie. A lattice of M³ particles has this wave at n + m M too, with amplitudes −A
/// (n + m M) k_F/2, which the window suppresses and the grid shows at n.
TEST(Painting, DisplacedLatticeHasTheWaveAfterDeconvolution) {
  constexpr std::int64_t n = 16, m = 64, wave = 2;
  const double amplitude = 1e-4, fundamental = 2.0 * pi / side;
  const auto positions = lattice(m, amplitude, wave);
  for (const Window scheme : {Window::cic, Window::tsc, Window::pcs}) {
    const auto window = [&](double number) {
      return std::pow(std::sin(pi * number / n) / (pi * number / n), static_cast<int>(scheme));
    };
    double expected = 0.0;
    for (int sideband = -2000; sideband <= 2000; ++sideband) {
      const double number = static_cast<double>(wave) + static_cast<double>(sideband) * m;
      expected -= 0.5 * amplitude * fundamental * number * window(number) / window(static_cast<double>(wave));
    }
    EXPECT_NEAR(expected / (-0.5 * amplitude * fundamental * wave), 1.0, 4e-3);
    const auto field = deconvolve(transformed(painted(positions, n, scheme).overdensity()), scheme);
    const auto found = coefficient(field, wave, 0, 0) / static_cast<double>(n * n * n);
    EXPECT_NEAR(found.real() / expected, 1.0, 5e-6) << window_name(scheme);
    EXPECT_NEAR(found.imag() / expected, 0.0, 1e-6) << window_name(scheme);
  }
}

/// A wave of n = 19 on 16 cells shows as n = 3, an odd alias; a wave of n = 35 does so too, but as an even one.
TEST(Interlacing, RemovesOddAliasesAndKeepsEvenOnes) {
  const double amplitude = 1e-4;
  const auto size = [&](const SpectralField<double>& field) { return std::abs(coefficient(field, 3, 0, 0)); };
  const auto odd = lattice(64, amplitude, 19), even = lattice(64, amplitude, 35);
  const double odd_alone = size(transformed(painted(odd, 16, Window::cic).weights()));
  EXPECT_LT(size(interlaced(odd, 16, Window::cic)), 1e-8 * odd_alone);
  const double even_alone = size(transformed(painted(even, 16, Window::cic).weights()));
  EXPECT_NEAR(size(interlaced(even, 16, Window::cic)) / even_alone, 1.0, 1e-8);
}

/// The amplitude of a particle at r is the sum of its aliases, Π_a Σ_m W(n_a + m N) exp(−i k r): interlacing keeps
/// those with even Σ m, so half of the sum and half of the sum with (−1)^m.
TEST(Interlacing, OneParticleHasItsEvenAliases) {
  constexpr std::int64_t n = 8;
  const std::array<double, 3> r{2.3, 5.9, 0.45};  // in cells
  const std::array<std::int64_t, 3> mode{3, -2, 4};
  std::complex<double> plain = 1.0, alternating = 1.0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    std::complex<double> sum = 0.0, alternating_sum = 0.0;
    for (std::int64_t m = -400; m <= 400; ++m) {
      const double x = pi * static_cast<double>(mode[axis] + m * n) / static_cast<double>(n);
      const auto alias = std::pow(std::sin(x) / x, 4) * std::polar(1.0, -2.0 * x * r[axis]);
      sum += alias;
      alternating_sum += m % 2 == 0 ? alias : -alias;
    }
    plain *= sum;
    alternating *= alternating_sum;
  }
  const std::vector<double> particle{r[0] * side / n, r[1] * side / n, r[2] * side / n};
  const auto one_grid = coefficient(transformed(painted(particle, n, Window::pcs).weights()), 3, -2, 4);
  EXPECT_LT(std::abs(one_grid - plain), 1e-8);
  const auto found = coefficient(interlaced(particle, n, Window::pcs), 3, -2, 4);
  EXPECT_LT(std::abs(found - 0.5 * (plain + alternating)), 1e-8);
}

/// Σ_m W²(n + m N) over all m, and with (−1)^m, of one axis for CIC.
std::array<double, 2> alias_sums(std::int64_t wave, std::int64_t n) {
  if (wave == 0) return {1.0, 1.0};
  std::array<double, 2> sums{};
  for (std::int64_t m = -100; m <= 100; ++m) {
    const double x = pi * static_cast<double>(wave + m * n) / static_cast<double>(n);
    const double squared = std::pow(std::sin(x) / x, 4);
    sums[0] += squared;
    sums[1] += m % 2 == 0 ? squared : -squared;
  }
  return sums;
}

/// The power of `count` unclustered particles is `count` times the sum of W² over the aliases (for CIC on one grid
/// Π (1 − ⅔ sin²(πn/N)): Jing 2005, eq. 20); over the even ones alone after interlacing.
TEST(Interlacing, PoissonNoiseLosesItsOddAliases) {
  constexpr std::int64_t n = 8;
  constexpr std::size_t count = 100, samples = 60;
  RandomStream random(RandomPurpose::augmentation, 11);
  std::array<double, 3> sums{};  // modes; their power on one grid and of two, over what is expected
  for (std::size_t sample = 0; sample < samples; ++sample) {
    std::vector<double> positions(3 * count);
    for (double& value : positions) value = side * random.uniform();
    const auto plain = transformed(painted(positions, n, Window::cic).weights());
    const auto mean = interlaced(positions, n, Window::cic);
    plain.for_each_mode([&](auto n0, auto n1, auto n2, int weight, std::complex<double> value) {
      if (n0 == 0 && n1 == 0 && n2 == 0) return;
      const auto a = alias_sums(n0, n), b = alias_sums(n1, n), c = alias_sums(n2, n);
      const double all = a[0] * b[0] * c[0], even = 0.5 * (all + a[1] * b[1] * c[1]);
      sums[0] += weight;
      sums[1] += weight * std::norm(value) / (all * count);
      sums[2] += weight * std::norm(*mean.find(n0, n1, n2)) / (even * count);
    });
  }
  world().sum_in_place(std::span<double>(sums));
  EXPECT_NEAR(alias_sums(n / 2, n)[0], 1.0 / 3.0, 1e-6);
  EXPECT_NEAR(sums[1] / sums[0], 1.0, 0.03);
  EXPECT_NEAR(sums[2] / sums[0], 1.0, 0.03);
}

TEST(Painting, SingleAndDoubleAgree) {
  const auto positions = scattered(3000);
  ParticlePainter<float> single(SlabLayout({8, side}, world()), Window::pcs);
  single.add(dealt(positions));
  const Field<float> field = std::move(single).overdensity();
  std::vector<double> found(static_cast<std::size_t>(field.layout().local_cells())), expected(found.size());
  field.copy_to(std::span<double>(found));
  painted(positions, 8, Window::pcs).overdensity().copy_to(std::span<double>(expected));
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], 2e-6);
}

std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Painting, BadParticlesOfOneRankAreNamedOnAll) {
  ParticlePainter<double> painter(SlabLayout({8, side}, world()), Window::cic);
  std::vector<double> positions{1, 2, 3, 4, std::numeric_limits<double>::quiet_NaN(), 6};
  if (world().rank() != world().size() - 1) positions.clear();
  EXPECT_NE(message_of([&] { painter.add(positions); }).find("particle 1"), std::string::npos);
  EXPECT_NE(message_of([&] { painter.add(std::vector<double>{1, 2}); }).find("multiple of 3"), std::string::npos);
  EXPECT_NE(message_of([&] { std::move(painter).overdensity(); }).find("0 particles"), std::string::npos);
}

TEST(Painting, NeedsASchemeAndRoomForItsCloud) {
  EXPECT_NE(message_of([] {
              ParticlePainter<double>(SlabLayout({8, side}, world()), Window::none);
            }).find("cic"),
            std::string::npos);
  EXPECT_NE(message_of([] {
              ParticlePainter<double>(SlabLayout({3, side}, world()), Window::pcs);
            }).find("no room"),
            std::string::npos);
}

}  // namespace
}  // namespace phiscope
