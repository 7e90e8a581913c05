#include "shell_powers.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "integer_root.hpp"
#include "rank_sum.hpp"

namespace phiscope {
namespace {

/// Parts of the cube whose sums are kept apart, and then added in their order.
constexpr std::int64_t parts = 16;

/// Adds the row's |φ|² to by_square[|n|²], as far as `end`.
template <class Real>
void add_row(const SpectralField<Real>& field, std::int64_t outer, std::int64_t inner, std::span<const double> factors,
             std::int64_t end, double* by_square) {
  const std::int64_t n = field.shape().n;
  const auto [n0, n1] = field.row_wave_numbers(outer, inner);
  const auto factor_of = [&](std::int64_t wave) {
    return factors[static_cast<std::size_t>(wave < 0 ? wave + n : wave)];
  };
  const double row_factor = factor_of(n0) * factor_of(n1);
  const std::int64_t square = n0 * n0 + n1 * n1;
  const std::int64_t last = std::min(integer_root(end - 1 - square), n / 2);
  const auto row = field.row(outer, inner);
  for (std::int64_t n2 = 0; n2 <= last; ++n2) {
    const auto place = static_cast<std::size_t>(n2);
    const double re = row[place].real(), im = row[place].imag();
    const double amplitude = row_factor * factors[place];
    by_square[square + n2 * n2] += field.weight(n2) * (re * re + im * im) * amplitude * amplitude;
  }
}

}  // namespace

template <class Real>
std::vector<double> shell_powers(const SpectralField<Real>& field, std::span<const Shell> shells,
                                 std::span<const double> factors) {
  std::int64_t end = 0;
  for (const auto& shell : shells) end = std::max(end, std::min(shell.high, field.shape().largest_squared_mode() + 1));
  const auto size = static_cast<std::size_t>(end);
  std::vector<double> by_square(static_cast<std::size_t>(parts) * size, 0.0);
  const std::int64_t count = field.outer_count();
#pragma omp parallel for schedule(dynamic)
  for (std::int64_t part = 0; part < parts; ++part)
    for (std::int64_t outer = count * part / parts; outer < count * (part + 1) / parts; ++outer)
      for (std::int64_t inner = 0; inner < field.inner_count(); ++inner)
        add_row(field, outer, inner, factors, end, by_square.data() + static_cast<std::size_t>(part) * size);
  for (std::size_t i = size; i < by_square.size(); ++i) by_square[i % size] += by_square[i];

  std::vector<double> powers;
  for (const auto& shell : shells) {
    double sum = 0.0;
    for (std::int64_t square = shell.low; square < std::min(shell.high, end); ++square)
      sum += by_square[static_cast<std::size_t>(square)];
    powers.push_back(sum);
  }
  return summed_over(field.layout().team(), std::move(powers));
}

template std::vector<double> shell_powers(const SpectralField<float>&, std::span<const Shell>, std::span<const double>);
template std::vector<double> shell_powers(const SpectralField<double>&, std::span<const Shell>,
                                          std::span<const double>);

}  // namespace phiscope
