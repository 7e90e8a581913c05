#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <cstdint>
#include <numbers>
#include <vector>

#include "../../../src/grid/column_transform.hpp"

namespace phiscope {
namespace {

using Complex = std::complex<double>;

/// Rows of so many columns that a batch holds only a part of one.
constexpr std::int64_t n = 3, rows = 2, width = 205, count = rows * width;

Columns<double> plane_order(std::vector<Complex>& values) {
  return {values.data(), count, width, width};
}
Columns<double> spectral_order(std::vector<Complex>& values) {
  return {values.data(), width, width, n * width};
}

/// Value i of column q.
std::complex<double> sample(std::int64_t i, std::int64_t q) {
  const auto angle = static_cast<double>(7 * i + 3 * q);
  return {std::sin(angle), std::cos(2.0 * angle)};
}

std::vector<Complex> samples_in_plane_order() {
  std::vector<Complex> values;
  for (std::int64_t i = 0; i < n; ++i)
    for (std::int64_t q = 0; q < count; ++q) values.push_back(sample(i, q));
  return values;
}

TEST(TransformColumns, GivesTheSumOfPhasesOfEachColumnInTheOtherOrder) {
  const LineTransform<double> lines(n, Communicator::self(), Planning::estimate, {});
  std::vector<Complex> from = samples_in_plane_order(), to(from.size());
  transform_columns(lines, FFTW_FORWARD, plane_order(from), spectral_order(to), count);
  for (std::int64_t q = 0; q < count; ++q)
    for (std::int64_t k = 0; k < n; ++k) {
      Complex sum{};
      for (std::int64_t i = 0; i < n; ++i)
        sum += sample(i, q) * std::polar(1.0, -2.0 * std::numbers::pi * static_cast<double>(i * k) / double{n});
      const Complex found = to[static_cast<std::size_t>((q / width * n + k) * width + q % width)];
      ASSERT_NEAR(std::abs(found - sum), 0.0, 1e-13) << "column " << q << ", wave number " << k;
    }
}

TEST(TransformColumns, BackwardUndoesForwardButForTheFactorN) {
  const LineTransform<double> lines(n, Communicator::self(), Planning::estimate, {});
  std::vector<Complex> first = samples_in_plane_order(), spectrum(first.size()), again(first.size());
  transform_columns(lines, FFTW_FORWARD, plane_order(first), spectral_order(spectrum), count);
  transform_columns(lines, FFTW_BACKWARD, spectral_order(spectrum), plane_order(again), count);
  for (std::size_t i = 0; i < first.size(); ++i)
    ASSERT_NEAR(std::abs(again[i] - static_cast<double>(n) * first[i]), 0.0, 1e-13) << "value " << i;
}

}  // namespace
}  // namespace phiscope
