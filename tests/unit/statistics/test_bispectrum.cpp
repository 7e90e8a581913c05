#include "phiscope/statistics/bispectrum.hpp"

#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <numbers>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/random.hpp"
#include "phiscope/grid/fourier_transform.hpp"

namespace phiscope {
namespace {

constexpr double box_size = 100.0;
using Wave = std::array<std::int64_t, 3>;

/// A field from a function of the cell (i, j, k), so that every layout holds the same cube.
template <class Real>
Field<Real> field_of(const SlabLayout& layout,
                     const std::function<double(std::int64_t, std::int64_t, std::int64_t)>& value) {
  Field<Real> field(layout);
  const std::int64_t n = layout.shape().n;
  for (std::int64_t i = 0; i < layout.planes(); ++i)
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t k = 0; k < n; ++k)
        field.row(i, j)[static_cast<std::size_t>(k)] = static_cast<Real>(value(layout.first_plane() + i, j, k));
  return field;
}

/// Σ cos(2π n·x/N + phase).
double waves_at(const GridShape& shape, const std::vector<Wave>& waves, const std::vector<double>& phases,
                std::int64_t i, std::int64_t j, std::int64_t k) {
  double sum = 0.0;
  for (std::size_t w = 0; w < waves.size(); ++w) {
    const auto turns = static_cast<double>(waves[w][0] * i + waves[w][1] * j + waves[w][2] * k);
    sum += std::cos(2.0 * std::numbers::pi * turns / static_cast<double>(shape.n) + phases[w]);
  }
  return sum;
}

/// White noise times something, with a bispectrum: cells drawn one by one, then squared in part.
std::vector<double> skewed_noise(std::int64_t n, std::uint64_t seed = 5) {
  std::vector<double> values(static_cast<std::size_t>(n * n * n));
  RandomStream stream(RandomPurpose::gaussian_field, seed);
  for (double& value : values) {
    const double g = stream.normal();
    value = g + 0.3 * (g * g - 1.0);
  }
  return values;
}

template <class Real>
SpectralField<Real> transformed(const SlabLayout& layout, const std::vector<double>& cube) {
  const std::int64_t n = layout.shape().n;
  return FourierTransform<Real>(layout).forward(
      field_of<Real>(layout, [&](std::int64_t i, std::int64_t j, std::int64_t k) {
        return cube[static_cast<std::size_t>((i * n + j) * n + k)];
      }));
}

std::vector<double> edges(const GridShape& shape, std::vector<double> in_fundamentals) {
  for (double& edge : in_fundamentals) edge *= shape.fundamental();
  return in_fundamentals;
}

TriangleSet all_triangles(const GridShape& shape) {
  return TriangleSet::all_closed(shape, edges(shape, {0.5, 1.5, 2.5, 3.5, 5.0}), Aliasing::refuse);
}

template <class Real>
Bispectrum measure(const TriangleSet& set, const SpectralField<Real>& field, Window window = Window::none) {
  const SlabLayout& layout = field.layout();
  return BispectrumEstimator<Real>(layout, set, count_triangles(set, layout.team()), window).measure(field);
}

/// The size of a bispectrum that is noise alone, √(P1 P2 P3 V/T) up to a factor: what rounding is to be compared with.
double noise_of(const TriangleSet& set, const Bispectrum& bispectrum, const TriangleCounts& counts, std::size_t i) {
  const auto& p = bispectrum.p[i];
  return std::sqrt(p[0] * p[1] * p[2] * std::pow(set.shape().box_size, 3) /
                   static_cast<double>(std::max<std::int64_t>(counts.triangles[i], 1)));
}

void expect_same(const TriangleSet& set, const Bispectrum& a, const Bispectrum& b, double tolerance) {
  const auto counts = count_triangles(set, Communicator::world());
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (counts.triangles[i] == 0) continue;
    EXPECT_NEAR(a.b[i], b.b[i], tolerance * noise_of(set, a, counts, i)) << "triangle " << i;
    for (std::size_t side = 0; side < 3; ++side)
      EXPECT_NEAR(a.p[i][side], b.p[i][side], tolerance * a.p[i][side]) << "triangle " << i;
  }
}

/// The value of waves on each triangle: `closed` where one is expected.
template <class Real>
void expect_waves(const std::vector<Wave>& waves, const std::vector<double>& phases,
                  const std::array<std::int64_t, 3>& squares, double triples_times_amplitudes) {
  const SlabLayout layout({24, box_size}, Communicator::world());
  const GridShape& shape = layout.shape();
  const auto set = all_triangles(shape);
  const auto counts = count_triangles(set, layout.team());
  const auto field = FourierTransform<Real>(layout).forward(field_of<Real>(
      layout, [&](std::int64_t i, std::int64_t j, std::int64_t k) { return waves_at(shape, waves, phases, i, j, k); }));
  const auto result = BispectrumEstimator<Real>(layout, set, counts).measure(field);
  const double volume = std::pow(box_size, 3);
  std::size_t hits = 0;
  for (std::size_t i = 0; i < set.size(); ++i) {
    std::array<std::int64_t, 3> wanted = squares;
    std::sort(wanted.begin(), wanted.end());
    bool hit = true;
    for (std::size_t side = 0; side < 3; ++side)
      hit = hit && set.shells()[set.triangles()[i].shells[side]].contains(wanted[side]);
    hits += hit ? 1 : 0;
    // Each wave is N³/2 at n and at −n, so that B = L⁶ · (triples/8) cos(sum of phases)/T.
    const double expected =
        hit ? volume * volume * triples_times_amplitudes / 8.0 / static_cast<double>(counts.triangles[i]) : 0.0;
    EXPECT_NEAR(result.b[i], expected,
                (sizeof(Real) == 8 ? 1e-12 : 1e-5) * volume * volume /
                    static_cast<double>(std::max<std::int64_t>(counts.triangles[i], 1)))
        << "triangle " << i;
  }
  if (triples_times_amplitudes != 0.0) {
    EXPECT_EQ(hits, 1U);
  }
}

TEST(Bispectrum, OneWaveHasNone) {
  expect_waves<double>({{2, 1, -1}}, {0.4}, {6, 6, 6}, 0.0);
}

TEST(Bispectrum, AWaveAndItsDoubleMakeAFlattenedTriangle) {
  // n + n − 2n = 0 and its negative.
  const double phase = 0.3, doubled = 1.1;
  expect_waves<double>({{1, -1, 1}, {2, -2, 2}}, {phase, doubled}, {3, 3, 12}, 2.0 * std::cos(2 * phase - doubled));
}

TEST(Bispectrum, TwoWavesThatDoNotCloseHaveNone) {
  expect_waves<double>({{3, 0, 0}, {0, 2, 1}}, {0.3, 1.1}, {9, 5, 5}, 0.0);
}

TEST(Bispectrum, ThreeWavesThatCloseAreOneTriangle) {
  // Sides of three different shells: two ordered triples fall into (shell 1, shell 2, shell 3).
  const std::vector<Wave> waves{{1, 0, 1}, {0, 2, 1}, {-1, -2, -2}};
  const std::vector<double> phases{0.3, 1.1, -0.2};
  expect_waves<double>(waves, phases, {2, 5, 9}, 2.0 * std::cos(0.3 + 1.1 - 0.2));
  expect_waves<float>(waves, phases, {2, 5, 9}, 2.0 * std::cos(0.3 + 1.1 - 0.2));
}

TEST(Bispectrum, ThreeWavesThatDoNotCloseHaveNone) {
  expect_waves<double>({{1, 0, 1}, {0, 2, 1}, {-1, -2, 2}}, {0.3, 1.1, -0.2}, {2, 5, 9}, 0.0);
}

/// Σ δ δ δ/T · L⁶/N⁹ over the triples, one by one.
double one_by_one(const TriangleSet& set, const TriangleSet::Triangle& triangle, const SpectralField<double>& field,
                  std::int64_t count) {
  const std::int64_t n = set.shape().n;
  std::vector<std::pair<Wave, std::complex<double>>> modes;
  const auto value = [&](Wave wave) {
    // The half that is not stored follows from the other.
    const bool stored = wave[2] >= 0;
    if (!stored)
      for (auto& component : wave) component = -component;
    for (auto& component : wave) component = 2 * component == -n ? -component : component;
    const auto found = *field.find(wave[0], wave[1], wave[2]);
    return stored ? found : std::conj(found);
  };
  const auto shell = [&](std::size_t side) { return set.shells()[triangle.shells[side]]; };
  const std::int64_t lowest = -(n - 1) / 2, highest = n / 2;
  const auto for_modes = [&](const Shell& s, const auto& visit) {
    for (std::int64_t a = lowest; a <= highest; ++a)
      for (std::int64_t b = lowest; b <= highest; ++b)
        for (std::int64_t c = lowest; c <= highest; ++c)
          if (s.contains(a * a + b * b + c * c)) visit(Wave{a, b, c});
  };
  std::complex<double> sum;
  for_modes(shell(0), [&](const Wave& p) {
    for_modes(shell(1), [&](const Wave& q) {
      Wave r;
      bool exact = true;
      for (std::size_t axis = 0; axis < 3; ++axis) {
        const std::int64_t wanted = -p[axis] - q[axis];
        r[axis] = set.shape().wave_number(((wanted % n) + n) % n);
        exact = exact && r[axis] == wanted;
      }
      if ((exact || set.aliasing() == Aliasing::allow) && shell(2).contains(r[0] * r[0] + r[1] * r[1] + r[2] * r[2]))
        sum += value(p) * value(q) * value(r);
    });
  });
  const auto cells = static_cast<double>(set.shape().cells());
  return sum.real() / static_cast<double>(count) * std::pow(set.shape().box_size, 6) / (cells * cells * cells);
}

void expect_one_by_one(const TriangleSet& set) {
  const SlabLayout whole(set.shape(), Communicator::self()), shared(set.shape(), Communicator::world());
  const auto cube = skewed_noise(set.shape().n);
  const auto field = transformed<double>(whole, cube);
  const auto counts = count_triangles(set, Communicator::world());
  const auto result = BispectrumEstimator<double>(shared, set, counts).measure(transformed<double>(shared, cube));
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (counts.triangles[i] == 0) {
      EXPECT_TRUE(std::isnan(result.b[i]));
      continue;
    }
    EXPECT_NEAR(result.b[i], one_by_one(set, set.triangles()[i], field, counts.triangles[i]),
                1e-11 * noise_of(set, result, counts, i))
        << "triangle " << i;
  }
}

TEST(Bispectrum, IsTheSumOverTriplesOneByOne) {
  const GridShape shape{12, box_size};
  expect_one_by_one(TriangleSet::all_closed(shape, edges(shape, {0.5, 1.5, 2.5, 3.7}), Aliasing::refuse));
}

TEST(Bispectrum, PaddedReachesWhereTheGridItselfWouldWrap) {
  const GridShape shape{12, box_size};
  expect_one_by_one(TriangleSet::all_closed(shape, edges(shape, {2.5, 4.5, 6.0}), Aliasing::pad));
}

TEST(Bispectrum, WrapsAsPyliansDoes) {
  for (const std::int64_t n : {10, 9}) {
    const GridShape shape{n, box_size};
    const std::vector<TriangleShape> shapes{TriangleShape::named("equilateral"), TriangleShape::named("stretched")};
    const auto k = edges(shape, {1.0, 3.0, 4.5});
    expect_one_by_one(TriangleSet::of_shapes(shape, shapes, k, 2.0, TriangleConvention::pylians, Aliasing::allow));
  }
}

/// B of g + c (g² − ⟨g²⟩) is 2c (P1 P2 + P1 P3 + P2 P3) to first order in c. What g itself has by chance changes sign
/// with g, so that the mean over g and −g is free of it.
TEST(Bispectrum, RecoversThatOfASquare) {
  const SlabLayout layout({32, box_size}, Communicator::world());
  const double c = 0.02;
  const auto set = TriangleSet::all_closed(layout.shape(), edges(layout.shape(), {4.5, 7.5, 10.5}), Aliasing::refuse);
  std::vector<double> measured(set.size(), 0.0), expected(set.size(), 0.0);
  constexpr std::uint64_t seeds = 12;
  for (std::uint64_t seed = 0; seed < seeds; ++seed)
    for (const double sign : {1.0, -1.0}) {
      RandomStream stream(RandomPurpose::gaussian_field, 100 + seed);
      std::vector<double> cube(static_cast<std::size_t>(layout.shape().cells()));
      for (double& value : cube) {
        const double g = sign * stream.normal();
        value = g + c * (g * g - 1.0);
      }
      const auto result = measure(set, transformed<double>(layout, cube));
      for (std::size_t i = 0; i < set.size(); ++i) {
        const auto& p = result.p[i];
        measured[i] += result.b[i];
        expected[i] += 2.0 * c * (p[0] * p[1] + p[0] * p[2] + p[1] * p[2]);
      }
    }
  double mean_ratio = 0.0;
  for (std::size_t i = 0; i < set.size(); ++i) {
    EXPECT_NEAR(measured[i] / expected[i], 1.0, 0.15) << "triangle " << i;
    mean_ratio += measured[i] / expected[i] / static_cast<double>(set.size());
  }
  EXPECT_NEAR(mean_ratio, 1.0, 0.02);
}

class BispectrumOfNoise : public testing::Test {
 protected:
  using Place = std::array<std::int64_t, 3>;

  /// The bispectrum of the cube whose cell x holds what cell where(x) of the original holds.
  Bispectrum moved(const std::function<Place(Place)>& where, double added = 0.0) const {
    const std::int64_t n = layout_.shape().n;
    std::vector<double> cube(cube_.size());
    for (std::int64_t i = 0; i < n; ++i)
      for (std::int64_t j = 0; j < n; ++j)
        for (std::int64_t k = 0; k < n; ++k) {
          const Place from = where({i, j, k});
          const auto wrapped = [n](std::int64_t x) { return ((x % n) + n) % n; };
          cube[static_cast<std::size_t>((i * n + j) * n + k)] =
              added + cube_[static_cast<std::size_t>((wrapped(from[0]) * n + wrapped(from[1])) * n + wrapped(from[2]))];
        }
    return measure(set_, transformed<double>(layout_, cube));
  }

  const SlabLayout layout_{{18, box_size}, Communicator::world()};
  const TriangleSet set_ = all_triangles(layout_.shape());
  const std::vector<double> cube_ = skewed_noise(18);
  const Bispectrum original_ = moved([](Place x) { return x; });
};

TEST_F(BispectrumOfNoise, DoesNotChangeWithAConstant) {
  expect_same(set_, original_, moved([](Place x) { return x; }, 7.0), 1e-11);
}

TEST_F(BispectrumOfNoise, DoesNotChangeUnderTranslation) {
  expect_same(set_, original_, moved([](Place x) { return Place{x[0] + 5, x[1] - 2, x[2] + 1}; }), 1e-11);
}

TEST_F(BispectrumOfNoise, DoesNotChangeUnderRightAngles) {
  expect_same(set_, original_, moved([](Place x) { return Place{x[1], -x[0], x[2]}; }), 1e-11);
  expect_same(set_, original_, moved([](Place x) { return Place{-x[2], x[1], x[0]}; }), 1e-11);
}

TEST_F(BispectrumOfNoise, DoesNotChangeUnderParity) {
  expect_same(set_, original_, moved([](Place x) { return Place{-x[0], -x[1], -x[2]}; }), 1e-11);
}

TEST_F(BispectrumOfNoise, ScalesWithTheCubeOfTheField) {
  auto tiny = cube_;
  for (double& value : tiny) value *= 1e-12;
  const auto scaled = measure(set_, transformed<float>(layout_, tiny));
  const auto counts = count_triangles(set_, layout_.team());
  for (std::size_t i = 0; i < set_.size(); ++i)
    EXPECT_NEAR(scaled.b[i] * 1e36, original_.b[i], 1e-5 * noise_of(set_, original_, counts, i));
}

TEST_F(BispectrumOfNoise, IsThatOfOneRank) {
  const SlabLayout alone(layout_.shape(), Communicator::self());
  const auto single = measure(set_, transformed<double>(alone, cube_));
  expect_same(set_, original_, single, 1e-12);
  expect_same(set_, measure(set_, transformed<float>(layout_, cube_)), measure(set_, transformed<float>(alone, cube_)),
              1e-5);
}

TEST_F(BispectrumOfNoise, DoesNotDependOnTheNumberOfThreads) {
  const auto field = transformed<double>(layout_, cube_);
  const int threads = omp_get_max_threads();
  omp_set_num_threads(1);
  const auto one = measure(set_, field);
  omp_set_num_threads(3);
  const auto three = measure(set_, field);
  omp_set_num_threads(threads);
  EXPECT_EQ(one.b, three.b);
  EXPECT_EQ(one.p, three.p);
}

TEST_F(BispectrumOfNoise, UndoesTheWindow) {
  const auto field = transformed<double>(layout_, cube_);
  expect_same(set_, measure(set_, deconvolve(field, Window::cic)), measure(set_, field, Window::cic), 1e-11);
}

TEST_F(BispectrumOfNoise, GivesTheSameTwice) {
  const auto field = transformed<double>(layout_, cube_);
  const BispectrumEstimator<double> estimator(layout_, set_, count_triangles(set_, layout_.team()));
  const auto first = estimator.measure(field);
  EXPECT_EQ(first.b, estimator.measure(field).b);
}

TEST(Bispectrum, OfNothingIsNothing) {
  const SlabLayout layout({16, box_size}, Communicator::world());
  const auto set = all_triangles(layout.shape());
  const auto result = measure(set, SpectralField<float>(layout));
  for (std::size_t i = 0; i < set.size(); ++i) {
    EXPECT_EQ(result.b[i], 0.0);
    EXPECT_TRUE(std::isnan(result.q[i]));
  }
}

TEST(Bispectrum, RefusesWhatDoesNotBelongTogether) {
  const SlabLayout layout({16, box_size}, Communicator::world()), other({20, box_size}, Communicator::world());
  const auto set = all_triangles(layout.shape());
  const auto counts = count_triangles(set, layout.team());
  EXPECT_THROW(BispectrumEstimator<double>(other, set, counts), Error);
  EXPECT_THROW(BispectrumEstimator<double>(layout, set, TriangleCounts{}), Error);
  EXPECT_THROW((void)BispectrumEstimator<double>(layout, set, counts).measure(SpectralField<double>(other)), Error);
}

}  // namespace
}  // namespace phiscope
