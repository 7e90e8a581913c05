#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "phiscope/base/error.hpp"
#include "phiscope/grid/derivatives.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "sampled_field.hpp"

namespace phiscope {
namespace {

constexpr double box_size = 50.0;
constexpr double k_f = 2.0 * std::numbers::pi / box_size;

/// The largest |field − expected(i, j, k)| over all ranks.
template <class Expected>
double distance(const Field<double>& field, Expected&& expected) {
  const SlabLayout& layout = field.layout();
  const std::int64_t n = layout.shape().n;
  double largest = 0.0;
  for (std::int64_t i = 0; i < layout.planes(); ++i)
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t k = 0; k < n; ++k) {
        const double found = field.row(i, j)[static_cast<std::size_t>(k)];
        largest = std::max(largest, std::abs(found - expected(layout.first_plane() + i, j, k)));
      }
  return layout.team().maximum(largest);
}

TEST(Laplacian, PlaneWaveIsAnEigenfunction) {
  for (const std::int64_t n : {9, 12}) {
    const SlabLayout layout({n, box_size}, Communicator::world());
    const FourierTransform<double> transform(layout);
    const auto phase = test::phase_of(n, 1, 3, -2);
    const auto wave = [&](auto... cell) { return std::sin(phase(cell...) + 0.3); };
    const auto field = test::sampled_field<double>(layout, wave);
    const auto result = transform.inverse(laplacian(transform.forward(field)));
    const double eigenvalue = -k_f * k_f * (1 + 9 + 4);
    EXPECT_LT(distance(result, [&](auto... cell) { return eigenvalue * wave(cell...); }), 1e-14) << "n = " << n;
  }
}

TEST(Gradient, PlaneWaveTurnsIntoItsDerivativeAlongEachAxis) {
  for (const std::int64_t n : {9, 12}) {
    const SlabLayout layout({n, box_size}, Communicator::world());
    const FourierTransform<double> transform(layout);
    const auto phase = test::phase_of(n, 1, 3, -2);
    const auto field = test::sampled_field<double>(layout, [&](auto... cell) { return std::sin(phase(cell...)); });
    const double waves[3] = {1.0, 3.0, -2.0};
    for (int axis = 0; axis < 3; ++axis) {
      const auto result = transform.inverse(gradient(transform.forward(field), axis));
      const auto expected = [&](auto... cell) { return k_f * waves[axis] * std::cos(phase(cell...)); };
      EXPECT_LT(distance(result, expected), 1e-14) << "n = " << n << ", axis " << axis;
    }
  }
}

TEST(Gradient, NyquistWaveHasNone) {
  const SlabLayout layout({6, box_size}, Communicator::world());
  const FourierTransform<double> transform(layout);
  const auto along = [](int axis) {
    return [axis](auto i, auto j, auto k) { return (axis == 0 ? i : axis == 1 ? j : k) % 2 != 0 ? -1.0 : 1.0; };
  };
  for (int axis = 0; axis < 3; ++axis) {
    const auto field = test::sampled_field<double>(layout, along(axis));
    const auto result = transform.inverse(gradient(transform.forward(field), axis));
    EXPECT_LT(distance(result, [](auto...) { return 0.0; }), 1e-15) << "axis " << axis;
  }
}

TEST(Gradient, UnknownAxisIsNamed) {
  EXPECT_THROW(gradient(SpectralField<float>(SlabLayout({4, 1.0}, Communicator::self())), 3), Error);
}

TEST(BandPass, KeepsTheWavesBetweenItsEdges) {
  const std::int64_t n = 12;
  const SlabLayout layout({n, box_size}, Communicator::world());
  const FourierTransform<double> transform(layout);
  const auto low = test::phase_of(n, 1, 0, 0), inside = test::phase_of(n, 0, 2, 0), high = test::phase_of(n, 0, 0, 3);
  const auto field = test::sampled_field<double>(layout, [&](auto... cell) {
    return 1.0 + std::cos(low(cell...)) + std::cos(inside(cell...)) + std::cos(high(cell...));
  });
  // The lower edge lies on the wave that is kept, the upper one on the wave that is not.
  const auto result = transform.inverse(band_pass(transform.forward(field), 2.0 * k_f, 3.0 * k_f));
  EXPECT_LT(distance(result, [&](auto... cell) { return std::cos(inside(cell...)); }), 1e-14);
}

TEST(BandPass, BandsFromZeroAddUpToTheField) {
  const SlabLayout layout({8, box_size}, Communicator::world());
  const FourierTransform<double> transform(layout);
  const auto spectrum = transform.forward(test::sampled_field<double>(layout, test::scrambled));
  auto low = transform.inverse(band_pass(spectrum, 0.0, std::sqrt(6.0) * k_f));
  const auto high = transform.inverse(band_pass(spectrum, std::sqrt(6.0) * k_f, 100.0 * k_f));
  for (std::int64_t i = 0; i < layout.planes(); ++i)
    for (std::int64_t j = 0; j < 8; ++j)
      for (std::size_t k = 0; k < 8; ++k) low.row(i, j)[k] += high.row(i, j)[k];
  EXPECT_LT(distance(low, test::scrambled), 1e-14);
}

}  // namespace
}  // namespace phiscope
