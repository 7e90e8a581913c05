#include <gtest/gtest.h>
#include <omp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstdint>
#include <span>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "sampled_field.hpp"

namespace phiscope {
namespace {

template <class Real>
class FourierTransformOf : public testing::Test {
 protected:
  /// Of the result of a sum of n³ terms of order one, relative.
  static constexpr double precision = std::is_same_v<Real, float> ? 2e-6 : 1e-14;

  /// The largest distance of any coefficient from expected(n0, n1, n2), per cell, over all ranks.
  template <class Expected>
  static double distance(const SpectralField<Real>& spectrum, Expected&& expected) {
    double largest = 0.0;
    spectrum.for_each_mode([&](auto n0, auto n1, auto n2, int, const std::complex<Real>& found) {
      const std::complex<double> value(found.real(), found.imag());
      largest = std::max(largest, std::abs(value - expected(n0, n1, n2)));
    });
    return spectrum.layout().team().maximum(largest) / static_cast<double>(spectrum.shape().cells());
  }
};

using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(FourierTransformOf, Reals);

/// Even and odd, and with empty ranks on 3 and 4 ranks.
constexpr std::array<std::int64_t, 7> sizes{5, 6, 8, 9, 10, 16, 19};

TYPED_TEST(FourierTransformOf, CosineAlongEachAxisHasOnePairOfCoefficients) {
  for (const std::int64_t n : sizes)
    for (int axis = 0; axis < 3; ++axis) {
      const std::int64_t wave = 2;
      const std::array<std::int64_t, 3> at{axis == 0 ? wave : 0, axis == 1 ? wave : 0, axis == 2 ? wave : 0};
      const SlabLayout layout({n, 1.0}, Communicator::world());
      const auto phase = test::phase_of(n, at[0], at[1], at[2]);
      auto field = test::sampled_field<TypeParam>(layout, [&](auto... cell) { return std::cos(phase(cell...)); });
      const auto spectrum = FourierTransform<TypeParam>(layout).forward(std::move(field));
      const auto half = 0.5 * static_cast<double>(layout.shape().cells());
      const double off = this->distance(spectrum, [&](auto n0, auto n1, auto n2) -> std::complex<double> {
        const bool plus = n0 == at[0] && n1 == at[1] && n2 == at[2];
        const bool minus = n0 == -at[0] && n1 == -at[1] && n2 == -at[2];
        return plus || minus ? half : 0.0;
      });
      EXPECT_LT(off, this->precision) << "n = " << n << ", axis " << axis;
    }
}

TYPED_TEST(FourierTransformOf, ObliqueSineHasItsSignAndPlace) {
  for (const std::int64_t n : sizes) {
    const SlabLayout layout({n, 1.0}, Communicator::world());
    const auto phase = test::phase_of(n, 1, -2, 2);
    auto field = test::sampled_field<TypeParam>(layout, [&](auto... cell) { return std::sin(phase(cell...)); });
    const auto spectrum = FourierTransform<TypeParam>(layout).forward(std::move(field));
    // exp(−ikx) on sin(kx) = (e^{ikx} − e^{−ikx})/2i leaves −i/2 at +k.
    const std::complex<double> expected(0.0, -0.5 * static_cast<double>(layout.shape().cells()));
    const double off = this->distance(spectrum, [&](auto n0, auto n1, auto n2) -> std::complex<double> {
      return n0 == 1 && n1 == -2 && n2 == 2 ? expected : 0.0;
    });
    EXPECT_LT(off, this->precision) << "n = " << n;
  }
}

TYPED_TEST(FourierTransformOf, AlternatingCellsAreTheNyquistCorner) {
  const SlabLayout layout({6, 1.0}, Communicator::world());
  auto field = test::sampled_field<TypeParam>(layout, [](auto i, auto j, auto k) { return (i + j + k) % 2 ? -1 : 1; });
  const auto spectrum = FourierTransform<TypeParam>(layout).forward(std::move(field));
  const double off = this->distance(spectrum, [&](auto n0, auto n1, auto n2) -> std::complex<double> {
    return n0 == 3 && n1 == 3 && n2 == 3 ? 216.0 : 0.0;
  });
  EXPECT_LT(off, this->precision);
}

TYPED_TEST(FourierTransformOf, PlaneWaveOfEachWaveNumberIsInItsPlace) {
  const std::int64_t n = 6;
  const SlabLayout layout({n, 1.0}, Communicator::world());
  const FourierTransform<TypeParam> transform(layout);
  const auto half = 0.5 * static_cast<double>(layout.shape().cells());
  for (std::int64_t a = -2; a <= 2; ++a)
    for (std::int64_t b = -2; b <= 2; ++b)
      for (std::int64_t c = 1; c <= 2; ++c) {
        const auto phase = test::phase_of(n, a, b, c);
        const auto spectrum = transform.forward(test::sampled_field<TypeParam>(
            layout, [&](auto... cell) { return std::cos(phase(cell...)) + std::sin(phase(cell...)); }));
        const double off = this->distance(spectrum, [&](auto n0, auto n1, auto n2) {
          return n0 == a && n1 == b && n2 == c ? std::complex<double>(half, -half) : 0.0;
        });
        EXPECT_LT(off, this->precision) << a << ", " << b << ", " << c;
      }
}

TYPED_TEST(FourierTransformOf, ValuesWithoutPaddingGiveTheSameAndStay) {
  for (const std::int64_t n : sizes) {
    const SlabLayout layout({n, 1.0}, Communicator::world());
    const FourierTransform<TypeParam> transform(layout);
    const auto field = test::sampled_field<TypeParam>(layout, test::scrambled);
    std::vector<TypeParam> planes(static_cast<std::size_t>(layout.local_cells()));
    field.copy_to(planes);
    const auto before = planes;
    const auto bare = transform.forward(std::span<const TypeParam>(planes));
    const auto padded = transform.forward(field);
    const auto reused = transform.forward(std::span<const TypeParam>(planes), padded);
    EXPECT_EQ(planes, before);
    for (std::int64_t outer = 0; outer < bare.outer_count(); ++outer)
      for (std::int64_t inner = 0; inner < n; ++inner) {
        EXPECT_TRUE(std::ranges::equal(bare.row(outer, inner), padded.row(outer, inner))) << "n = " << n;
        EXPECT_TRUE(std::ranges::equal(bare.row(outer, inner), reused.row(outer, inner))) << "n = " << n;
      }
  }
}

TYPED_TEST(FourierTransformOf, WrongNumberOfValuesIsNamed) {
  const FourierTransform<TypeParam> transform(SlabLayout({6, 1.0}, Communicator::world()));
  const std::vector<TypeParam> planes(7 * 7 * 7 * 7);
  EXPECT_THROW(transform.forward(std::span<const TypeParam>(planes)), Error);
}

TYPED_TEST(FourierTransformOf, BitsDoNotDependOnTheNumberOfThreads) {
  const SlabLayout layout({19, 1.0}, Communicator::world());
  const FourierTransform<TypeParam> transform(layout);
  const auto field = test::sampled_field<TypeParam>(layout, test::scrambled);
  const int threads = omp_get_max_threads();
  omp_set_num_threads(1);
  const auto one = transform.forward(field);
  const auto one_back = transform.inverse(one);
  omp_set_num_threads(3);
  const auto three = transform.forward(field);
  const auto three_back = transform.inverse(three);
  omp_set_num_threads(threads);
  for (std::int64_t outer = 0; outer < one.outer_count(); ++outer)
    for (std::int64_t inner = 0; inner < 19; ++inner)
      EXPECT_TRUE(std::ranges::equal(one.row(outer, inner), three.row(outer, inner)));
  for (std::int64_t i = 0; i < layout.planes(); ++i)
    for (std::int64_t j = 0; j < 19; ++j) EXPECT_TRUE(std::ranges::equal(one_back.row(i, j), three_back.row(i, j)));
}

TYPED_TEST(FourierTransformOf, InverseHearsNoImaginaryPartsWhereARealFieldHasNone) {
  for (const std::int64_t n : {5, 6}) {
    const SlabLayout layout({n, 1.0}, Communicator::world());
    SpectralField<TypeParam> spectrum(layout);
    for (const std::int64_t n2 : {std::int64_t{0}, n / 2})
      if (auto* value = spectrum.find(0, 0, n2); value != nullptr && (n2 == 0 || n % 2 == 0))
        *value = {TypeParam{3}, TypeParam{4}};
    const auto field = FourierTransform<TypeParam>(layout).inverse(std::move(spectrum));
    const double per_cell = 3.0 / static_cast<double>(layout.shape().cells());
    for (std::int64_t i = 0; i < layout.planes(); ++i)
      for (std::int64_t j = 0; j < n; ++j)
        for (std::int64_t k = 0; k < n; ++k) {
          const double expected = n % 2 == 0 ? (k % 2 == 0 ? 2.0 * per_cell : 0.0) : per_cell;
          EXPECT_NEAR(static_cast<double>(field.row(i, j)[static_cast<std::size_t>(k)]), expected, 1e-7 * per_cell * 4);
        }
  }
}

TYPED_TEST(FourierTransformOf, InverseUndoesForward) {
  for (const std::int64_t n : sizes) {
    const SlabLayout layout({n, 1.0}, Communicator::world());
    const FourierTransform<TypeParam> transform(layout);
    const auto field = test::sampled_field<TypeParam>(layout, test::scrambled);
    const auto back = transform.inverse(transform.forward(field));
    double largest = 0.0;
    for (std::int64_t i = 0; i < layout.planes(); ++i)
      for (std::int64_t j = 0; j < n; ++j)
        for (std::size_t k = 0; k < static_cast<std::size_t>(n); ++k)
          largest = std::max(largest, std::abs(static_cast<double>(back.row(i, j)[k] - field.row(i, j)[k])));
    EXPECT_LT(layout.team().maximum(largest), this->precision) << "n = " << n;
  }
}

TYPED_TEST(FourierTransformOf, WeightedSquaresObeyParseval) {
  for (const std::int64_t n : sizes) {
    const SlabLayout layout({n, 1.0}, Communicator::world());
    const auto field = test::sampled_field<TypeParam>(layout, test::scrambled);
    double squares = 0.0;
    for (std::int64_t i = 0; i < layout.planes(); ++i)
      for (std::int64_t j = 0; j < n; ++j)
        for (const auto value : field.row(i, j)) squares += static_cast<double>(value) * value;
    double power = 0.0;
    FourierTransform<TypeParam>(layout).forward(field).for_each_mode(
        [&](auto, auto, auto, int weight, auto value) { power += weight * static_cast<double>(std::norm(value)); });
    const double expected = layout.team().sum(squares) * static_cast<double>(layout.shape().cells());
    EXPECT_NEAR(layout.team().sum(power) / expected, 1.0, this->precision) << "n = " << n;
  }
}

TYPED_TEST(FourierTransformOf, TeamAgreesWithOneRank) {
  const GridShape shape{10, 1.0};
  const SlabLayout shared(shape, Communicator::world()), whole(shape, Communicator::self());
  const auto together =
      FourierTransform<TypeParam>(shared).forward(test::sampled_field<TypeParam>(shared, test::scrambled));
  const auto alone = FourierTransform<TypeParam>(whole).forward(test::sampled_field<TypeParam>(whole, test::scrambled));
  const double off = this->distance(together, [&](auto n0, auto n1, auto n2) {
    const auto value = *alone.find(n0, n1, n2);
    return std::complex<double>(value.real(), value.imag());
  });
  EXPECT_LT(off, this->precision);
}

TYPED_TEST(FourierTransformOf, EachCoefficientIsHeldByOneRank) {
  const SlabLayout layout({9, 1.0}, Communicator::world());
  const SpectralField<TypeParam> spectrum(layout);
  for (std::int64_t n0 = -4; n0 <= 4; ++n0)
    for (std::int64_t n1 = -4; n1 <= 4; ++n1) {
      const auto* held = spectrum.find(n0, n1, 1);
      EXPECT_EQ(layout.team().sum<std::int32_t>(held != nullptr ? 1 : 0), 1) << n0 << ", " << n1;
    }
}

TYPED_TEST(FourierTransformOf, OneRankTransformsInSeveralThreadsAtOnce) {
  const SlabLayout layout({8, 1.0}, Communicator::self());
  const FourierTransform<TypeParam> transform(layout);
  const auto field = test::sampled_field<TypeParam>(layout, test::scrambled);
  const auto expected = transform.forward(field);
  std::vector<SpectralField<TypeParam>> found(4, SpectralField<TypeParam>(layout));
  std::vector<std::thread> threads;
  threads.reserve(found.size());
  for (auto& result : found) threads.emplace_back([&] { result = transform.forward(field); });
  for (std::thread& thread : threads) thread.join();
  for (const auto& result : found)
    for (std::int64_t outer = 0; outer < 8; ++outer)
      for (std::int64_t inner = 0; inner < 8; ++inner)
        EXPECT_TRUE(std::ranges::equal(result.row(outer, inner), expected.row(outer, inner)));
}

TYPED_TEST(FourierTransformOf, MeasuredPlansGiveTheSameTransform) {
  const SlabLayout layout({8, 1.0}, Communicator::world());
  const auto field = test::sampled_field<TypeParam>(layout, test::scrambled);
  const auto estimated = FourierTransform<TypeParam>(layout).forward(field);
  const auto measured = FourierTransform<TypeParam>(layout, Planning::measure, FftEngine::own, {}).forward(field);
  const double off = this->distance(measured, [&](auto n0, auto n1, auto n2) {
    const auto value = *estimated.find(n0, n1, n2);
    return std::complex<double>(value.real(), value.imag());
  });
  EXPECT_LT(off, this->precision);
}

TEST(FourierTransform, RemovingTheMeanClearsOneCoefficient) {
  const SlabLayout layout({6, 1.0}, Communicator::world());
  auto spectrum = FourierTransform<double>(layout).forward(
      test::sampled_field<double>(layout, [](auto i, auto, auto) { return i; }));
  const auto before = spectrum;
  spectrum.remove_mean();
  spectrum.for_each_mode([&](auto n0, auto n1, auto n2, int, auto value) {
    const bool is_mean = n0 == 0 && n1 == 0 && n2 == 0;
    EXPECT_EQ(value, is_mean ? 0.0 : *before.find(n0, n1, n2));
  });
}

TEST(FourierTransform, FieldOfAnotherShapeIsNamed) {
  const FourierTransform<float> transform(SlabLayout({8, 1.0}, Communicator::self()));
  EXPECT_THROW(transform.forward(Field<float>(SlabLayout({6, 1.0}, Communicator::self()))), Error);
}

TEST(FourierTransform, LibraryNamesItsVersion) {
  EXPECT_NE(fftw_version().find("fftw-3"), std::string::npos);
}

}  // namespace
}  // namespace phiscope
