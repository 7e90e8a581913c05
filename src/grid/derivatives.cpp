#include "phiscope/grid/derivatives.hpp"

#include <cstdint>

#include "phiscope/base/error.hpp"
#include "phiscope/grid/squared_edge.hpp"

namespace phiscope {
namespace {

/// Multiplies each coefficient by factor(n0, n1, n2), rows shared out over the threads.
template <class Real, class Factor>
SpectralField<Real> scaled(SpectralField<Real> field, const Factor& factor) {
#pragma omp parallel for schedule(static)
  for (std::int64_t outer = 0; outer < field.outer_count(); ++outer)
    for (std::int64_t inner = 0; inner < field.inner_count(); ++inner) {
      const auto [n0, n1] = field.row_wave_numbers(outer, inner);
      const auto row = field.row(outer, inner);
      for (std::int64_t n2 = 0; n2 < field.shape().half(); ++n2) {
        auto& coefficient = row[static_cast<std::size_t>(n2)];
        coefficient = factor(n0, n1, n2, coefficient);
      }
    }
  return field;
}

}  // namespace

template <class Real>
SpectralField<Real> laplacian(SpectralField<Real> field) {
  const double k_f = field.shape().fundamental();
  return scaled(std::move(field), [square = k_f * k_f](std::int64_t n0, std::int64_t n1, std::int64_t n2, auto value) {
    return value * static_cast<Real>(-square * static_cast<double>(n0 * n0 + n1 * n1 + n2 * n2));
  });
}

template <class Real>
SpectralField<Real> gradient(SpectralField<Real> field, int axis) {
  if (axis < 0 || axis > 2) fail("a cube has no axis {}: use 0, 1 or 2", axis);
  const double k_f = field.shape().fundamental();
  const std::int64_t n = field.shape().n;
  return scaled(std::move(field),
                [k_f, n, axis](std::int64_t n0, std::int64_t n1, std::int64_t n2, std::complex<Real> value) {
                  const std::int64_t along = axis == 0 ? n0 : axis == 1 ? n1 : n2;
                  if (2 * along == n) return std::complex<Real>{};
                  const auto k = static_cast<Real>(k_f * static_cast<double>(along));
                  return std::complex<Real>(-k * value.imag(), k * value.real());
                });
}

template <class Real>
SpectralField<Real> band_pass(SpectralField<Real> field, double k_low, double k_high) {
  const double k_f = field.shape().fundamental();
  const double low = squared_edge(k_low / k_f);
  const double high = squared_edge(k_high / k_f);
  return scaled(std::move(field), [low, high](std::int64_t n0, std::int64_t n1, std::int64_t n2, auto value) {
    const auto square = static_cast<double>(n0 * n0 + n1 * n1 + n2 * n2);
    return low <= square && square < high ? value : decltype(value){};
  });
}

template SpectralField<float> laplacian(SpectralField<float>);
template SpectralField<double> laplacian(SpectralField<double>);
template SpectralField<float> gradient(SpectralField<float>, int);
template SpectralField<double> gradient(SpectralField<double>, int);
template SpectralField<float> band_pass(SpectralField<float>, double, double);
template SpectralField<double> band_pass(SpectralField<double>, double, double);

}  // namespace phiscope
