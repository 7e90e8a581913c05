#include "phiscope/statistics/power_spectrum.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/base/suggestion.hpp"

namespace phiscope {
namespace {

/// What is summed for each bin. Sums of weights are twice the number of independent modes.
enum Sum : std::size_t { weight, wave_number, power, quadrupole, hexadecapole, sums_per_bin };

/// Planes whose sums are kept apart at a time, so that they are added in plane order whatever the number of threads.
constexpr std::int64_t plane_block = 32;

PowerOptions checked(PowerOptions options) {
  if (options.multipole_axis && (*options.multipole_axis < 0 || *options.multipole_axis > 2))
    fail("a cube has no axis {} for multipoles: use 0, 1 or 2", *options.multipole_axis);
  return options;
}

ModeBins bins_for(const GridShape& shape, const PowerOptions& options) {
  return options.convention == PowerConvention::pylians ? ModeBins::pylians(shape, options.k_max)
                                                        : ModeBins::lay(shape, options.bins, options.k_max);
}

/// A mode that is its own conjugate: each component is 0 or Nyquist.
bool is_self_conjugate(std::int64_t n0, std::int64_t n1, std::int64_t n2, std::int64_t n) {
  const auto is = [n](std::int64_t component) { return component == 0 || 2 * component == n; };
  return is(n0) && is(n1) && is(n2);
}

/// The same sums of all ranks, added in rank order.
std::vector<double> summed_over(const Communicator& team, std::vector<double> mine) {
  if (team.size() == 1) return mine;
  const std::vector<double> all = team.gather_all(std::span<const double>(mine));
  std::fill(mine.begin(), mine.end(), 0.0);
  for (std::size_t i = 0; i < all.size(); ++i) mine[i % mine.size()] += all[i];
  return mine;
}

}  // namespace

PowerConvention parse_power_convention(std::string_view name) {
  static const std::array<std::string, 3> names{"default", "standard", "pylians"};
  if (name == names[0] || name == names[1]) return PowerConvention::standard;
  if (name == names[2]) return PowerConvention::pylians;
  const std::string near = nearest_word(name, names);
  fail("'{}' is not a convention: use default or pylians{}", name,
       near.empty() ? std::string() : " (did you mean '" + near + "'?)");
}

template <class Real>
PowerSpectrumEstimator<Real>::PowerSpectrumEstimator(const SlabLayout& layout, PowerOptions options)
    : layout_(layout),
      options_(checked(std::move(options))),
      bins_(bins_for(layout.shape(), options_)),
      correction_(deconvolution_factors(options_.window, layout.shape())) {
  for (double& factor : correction_) factor *= factor;
}

template <class Real>
PowerSpectrum PowerSpectrumEstimator<Real>::measure(const SpectralField<Real>& field) const {
  require_layout(field);
  return measure_rows(field, [&field](std::int64_t outer, std::int64_t inner) {
    return [row = field.row(outer, inner)](std::size_t n2) {
      const double re = row[n2].real(), im = row[n2].imag();
      return re * re + im * im;
    };
  });
}

template <class Real>
PowerSpectrum PowerSpectrumEstimator<Real>::measure_cross(const SpectralField<Real>& a,
                                                          const SpectralField<Real>& b) const {
  require_layout(a);
  require_layout(b);
  return measure_rows(a, [&a, &b](std::int64_t outer, std::int64_t inner) {
    return [row_a = a.row(outer, inner), row_b = b.row(outer, inner)](std::size_t n2) {
      return static_cast<double>(row_a[n2].real()) * row_b[n2].real() +
             static_cast<double>(row_a[n2].imag()) * row_b[n2].imag();
    };
  });
}

template <class Real>
template <class Square>
PowerSpectrum PowerSpectrumEstimator<Real>::measure_rows(const SpectralField<Real>& field, const Square& square) const {
  const std::size_t size = bins_.count() * sums_per_bin;
  std::vector<double> total(size, 0.0);
  std::vector<double> planes(static_cast<std::size_t>(std::min(plane_block, field.outer_count())) * size);
  for (std::int64_t begin = 0; begin < field.outer_count(); begin += plane_block) {
    const std::int64_t count = std::min(plane_block, field.outer_count() - begin);
    std::fill(planes.begin(), planes.end(), 0.0);
#pragma omp parallel for schedule(dynamic)
    for (std::int64_t plane = 0; plane < count; ++plane)
      for (std::int64_t inner = 0; inner < field.inner_count(); ++inner)
        add_row(field, begin + plane, inner, square, planes.data() + static_cast<std::size_t>(plane) * size);
    for (std::size_t i = 0; i < static_cast<std::size_t>(count) * size; ++i) total[i % size] += planes[i];
  }
  return finished(summed_over(layout_.team(), std::move(total)));
}

template <class Real>
template <class Square>
void PowerSpectrumEstimator<Real>::add_row(const SpectralField<Real>& field, std::int64_t outer, std::int64_t inner,
                                           const Square& square, double* sums) const {
  const std::int64_t n = field.shape().n;
  const auto [n0, n1] = field.row_wave_numbers(outer, inner);
  const auto correction_of = [&](std::int64_t wave) {
    return correction_[static_cast<std::size_t>(wave < 0 ? wave + n : wave)];
  };
  const double row_correction = correction_of(n0) * correction_of(n1);
  const std::int64_t row_square = n0 * n0 + n1 * n1;
  const auto value = square(outer, inner);
  for (std::int64_t n2 = 0; n2 < field.shape().half(); ++n2) {
    const std::int64_t squared = row_square + n2 * n2;
    const std::int32_t bin = bins_.bin_of(squared);
    if (bin < 0) continue;
    // A self-conjugate mode is stored once and is one independent mode, as half of a pair stored twice is not.
    const double count = is_self_conjugate(n0, n1, n2, n) ? 2.0 : field.weight(n2);
    const auto place = static_cast<std::size_t>(n2);
    const double weighted = count * value(place) * row_correction * correction_[place];
    double* sum = sums + static_cast<std::size_t>(bin) * sums_per_bin;
    sum[weight] += count;
    sum[wave_number] += count * std::sqrt(static_cast<double>(squared));
    sum[power] += weighted;
    if (!options_.multipole_axis) continue;
    const std::int64_t along = *options_.multipole_axis == 0 ? n0 : *options_.multipole_axis == 1 ? n1 : n2;
    const double mu2 = static_cast<double>(along * along) / static_cast<double>(squared);
    sum[quadrupole] += weighted * 0.5 * (3.0 * mu2 - 1.0);
    sum[hexadecapole] += weighted * 0.125 * ((35.0 * mu2 - 30.0) * mu2 + 3.0);
  }
}

template <class Real>
PowerSpectrum PowerSpectrumEstimator<Real>::finished(const std::vector<double>& sums) const {
  const double side = layout_.shape().box_size;
  const auto cells = static_cast<double>(layout_.shape().cells());
  const double unit = side * side * side / (cells * cells);
  PowerSpectrum result;
  for (std::size_t bin = 0; bin < bins_.count(); ++bin) {
    const double* sum = sums.data() + bin * sums_per_bin;
    if (sum[weight] == 0.0) continue;
    result.bin.push_back(bin);
    result.k.push_back(layout_.shape().fundamental() * sum[wave_number] / sum[weight]);
    result.modes.push_back(static_cast<std::int64_t>(std::llround(0.5 * sum[weight])));
    result.p.push_back(unit * sum[power] / sum[weight]);
    if (!options_.multipole_axis) continue;
    result.p2.push_back(5.0 * unit * sum[quadrupole] / sum[weight]);
    result.p4.push_back(9.0 * unit * sum[hexadecapole] / sum[weight]);
  }
  return result;
}

template <class Real>
void PowerSpectrumEstimator<Real>::require_layout(const SpectralField<Real>& field) const {
  const SlabLayout& other = field.layout();
  if (other.shape() == layout_.shape() && other.team().size() == layout_.team().size()) return;
  fail(
      "a power spectrum was laid out for {0}³ cells in {1} Mpc/h over {2} ranks, but the field has {3}³ cells in {4} "
      "Mpc/h over {5} ranks",
      layout_.shape().n, layout_.shape().box_size, layout_.team().size(), other.shape().n, other.shape().box_size,
      other.team().size());
}

template class PowerSpectrumEstimator<float>;
template class PowerSpectrumEstimator<double>;

}  // namespace phiscope
