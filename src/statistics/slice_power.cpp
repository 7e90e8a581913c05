#include "phiscope/statistics/slice_power.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace phiscope {
namespace {

/// The ring of two wave numbers, or −1 beyond the last one.
std::int64_t ring_of(std::int64_t a, std::int64_t b, std::int64_t n) {
  const std::int64_t ring = std::lround(std::sqrt(static_cast<double>(a * a + b * b)));
  return ring < n / 2 ? ring : -1;
}

/// Squares of the cube's modes summed along one axis, for each pair of the other two wave numbers.
class Projection {
 public:
  Projection(const GridShape& shape, std::int64_t columns)
      : shape_(shape), columns_(columns), sums_(static_cast<std::size_t>(shape.n * columns), 0.0) {}

  /// The sums of a signed wave number.
  double* row(std::int64_t wave) {
    return sums_.data() + static_cast<std::size_t>((wave < 0 ? wave + shape_.n : wave) * columns_);
  }

  void add_to_rings(std::vector<double>& rings) const {
    for (std::int64_t a = 0; a < shape_.n; ++a)
      for (std::int64_t b = 0; b < columns_; ++b)
        if (const std::int64_t ring = ring_of(shape_.wave_number(a), shape_.wave_number(b), shape_.n); ring >= 0)
          rings[static_cast<std::size_t>(ring)] += sums_[static_cast<std::size_t>(a * columns_ + b)];
  }

 private:
  GridShape shape_;
  std::int64_t columns_;
  std::vector<double> sums_;
};

}  // namespace

template <class Real>
std::vector<double> slice_powers(const SpectralField<Real>& field) {
  const GridShape& shape = field.shape();
  const auto half = static_cast<std::size_t>(shape.half());
  Projection along_0(shape, shape.half()), along_1(shape, shape.half()), along_2(shape, shape.n);
  std::vector<double> squares(half);
  field.for_each_row([&](std::int64_t n0, std::int64_t n1, auto row) {
    for (std::size_t n2 = 0; n2 < half; ++n2) {
      const double re = row[n2].real(), im = row[n2].imag();
      squares[n2] = field.weight(static_cast<std::int64_t>(n2)) * (re * re + im * im);
    }
    if (n0 == 0 && n1 == 0) squares[0] = 0.0;
    double* of_0 = along_0.row(n1);
    double* of_1 = along_1.row(n0);
    double sum = 0.0;
    for (std::size_t n2 = 0; n2 < half; ++n2) {
      of_0[n2] += squares[n2];
      of_1[n2] += squares[n2];
      sum += squares[n2];
    }
    along_2.row(n0)[n1 < 0 ? n1 + shape.n : n1] += sum;
  });

  std::vector<double> rings(static_cast<std::size_t>(shape.n / 2), 0.0);
  for (const Projection* projection : {&along_0, &along_1, &along_2}) projection->add_to_rings(rings);
  const auto& team = field.layout().team();
  if (team.size() == 1) return rings;
  const auto all = team.gather_all(std::span<const double>(rings));
  std::fill(rings.begin(), rings.end(), 0.0);
  for (std::size_t i = 0; i < all.size(); ++i) rings[i % rings.size()] += all[i];
  return rings;
}

std::vector<double> slice_modes(std::int64_t n) {
  std::vector<double> modes(static_cast<std::size_t>(n / 2), 0.0);
  for (std::int64_t a = -n / 2 + 1; a < n / 2; ++a)
    for (std::int64_t b = -n / 2 + 1; b < n / 2; ++b)
      if (const std::int64_t ring = ring_of(a, b, n); ring >= 0) modes[static_cast<std::size_t>(ring)] += 0.5;
  return modes;
}

template std::vector<double> slice_powers(const SpectralField<float>& field);
template std::vector<double> slice_powers(const SpectralField<double>& field);

}  // namespace phiscope
