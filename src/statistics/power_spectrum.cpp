#include "phiscope/statistics/power_spectrum.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <string>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/base/suggestion.hpp"
#include "rank_sum.hpp"

namespace phiscope {
namespace {

/// What is summed for each bin. P0 alone unless multipoles were asked for.
enum Sum : std::size_t { power, quadrupole, hexadecapole };

/// Neighbouring coefficients mostly fall into one bin. Those of even and of odd places are summed apart, so that an
/// addition need not wait for the one before.
constexpr std::size_t sides = 2;

PowerOptions checked(PowerOptions options) {
  if (options.multipole_axis && (*options.multipole_axis < 0 || *options.multipole_axis > 2))
    fail("a cube has no axis {} for multipoles: use 0, 1 or 2", *options.multipole_axis);
  return options;
}

ModeBins bins_for(const GridShape& shape, const PowerOptions& options) {
  return options.convention == PowerConvention::pylians ? ModeBins::pylians(shape, options.k_max)
                                                        : ModeBins::lay(shape, options.bins, options.k_max);
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

/// The products of two rows and of their mirror images, summed, while they are on their way to the bins.
template <class Real>
struct PowerSpectrumEstimator<Real>::Workspace {
  explicit Workspace(std::int64_t half)
      : squares(2 * static_cast<std::size_t>(half)), values(static_cast<std::size_t>(half)) {}
  /// Products of real and of imaginary parts, in turn.
  std::vector<double> squares;
  /// What goes into the bins.
  std::vector<double> values;
};

template <class Real>
PowerSpectrumEstimator<Real>::PowerSpectrumEstimator(const SlabLayout& layout, PowerOptions options)
    : layout_(layout),
      options_(checked(std::move(options))),
      bins_(bins_for(layout.shape(), options_)),
      modes_(count_modes(layout.shape(), bins_)),
      correction_(deconvolution_factors(options_.window, layout.shape())) {
  for (double& factor : correction_) factor *= factor;
  const std::int64_t n = layout.shape().n;
  for (std::int64_t n2 = 0; n2 < layout.shape().half(); ++n2)
    place_factor_.push_back((n2 == 0 || 2 * n2 == n ? 1.0 : 2.0) * correction_[static_cast<std::size_t>(n2)]);
}

template <class Real>
PowerSpectrum PowerSpectrumEstimator<Real>::measure(const SpectralField<Real>& field) const {
  require_layout(field);
  return measure_products(std::array{Product{&field, &field}}).front();
}

template <class Real>
PowerSpectrum PowerSpectrumEstimator<Real>::measure_cross(const SpectralField<Real>& a,
                                                          const SpectralField<Real>& b) const {
  require_layout(a);
  require_layout(b);
  return measure_products(std::array{Product{&a, &b}}).front();
}

template <class Real>
CrossSpectrum PowerSpectrumEstimator<Real>::measure_pair(const SpectralField<Real>& a,
                                                         const SpectralField<Real>& b) const {
  require_layout(a);
  require_layout(b);
  auto spectra = measure_products(std::array{Product{&a, &b}, Product{&a, &a}, Product{&b, &b}});
  CrossSpectrum result{std::move(spectra[0]), std::move(spectra[1]), std::move(spectra[2]), {}, {}};
  for (std::size_t i = 0; i < result.cross.p.size(); ++i) {
    const double a_power = result.a.p[i], b_power = result.b.p[i], product = a_power * b_power;
    // The product may leave the range of a double where its root does not.
    const double root = std::isnormal(product) ? std::sqrt(product) : std::sqrt(a_power) * std::sqrt(b_power);
    result.correlation.push_back(result.cross.p[i] / root);
    result.transfer.push_back(std::sqrt(result.a.p[i] / result.b.p[i]));
  }
  return result;
}

template <class Real>
std::vector<PowerSpectrum> PowerSpectrumEstimator<Real>::measure_products(std::span<const Product> products) const {
  const std::size_t per_product = bins_.count() * (options_.multipole_axis ? 3 : 1);
  const std::size_t size = per_product * products.size();
  // The sums of each plane are kept apart and added in plane order, whatever the number of threads.
  const std::int64_t planes = layout_.spectral_planes();
  std::vector<double> plane_sums(static_cast<std::size_t>(planes) * size);
#pragma omp parallel
  {
    Workspace work(layout_.shape().half());
#pragma omp for schedule(dynamic)
    for (std::int64_t plane = 0; plane < planes; ++plane)
      add_plane(products, plane, work, plane_sums.data() + static_cast<std::size_t>(plane) * size);
  }
  std::vector<double> total(size, 0.0);
  for (std::size_t i = 0; i < plane_sums.size(); ++i) total[i % size] += plane_sums[i];
  total = summed_over(layout_.team(), std::move(total));
  std::vector<PowerSpectrum> spectra;
  for (std::size_t i = 0; i < products.size(); ++i)
    spectra.push_back(finished(std::span<const double>(total).subspan(i * per_product, per_product)));
  return spectra;
}

template <class Real>
void PowerSpectrumEstimator<Real>::add_plane(std::span<const Product> products, std::int64_t outer, Workspace& work,
                                             double* sums) const {
  const std::int64_t n = layout_.shape().n;
  const std::size_t kinds = options_.multipole_axis ? 3 : 1, per_product = bins_.count() * kinds;
  // One place before the first bin takes what is in no bin.
  const std::size_t places = (bins_.count() + 1) * kinds * sides;
  std::vector<double> apart(places * products.size());
  for (std::int64_t inner = 0; 2 * inner <= n && inner < n; ++inner) {
    const auto [n0, n1] = products.front().first->row_wave_numbers(outer, inner);
    for (std::size_t i = 0; i < products.size(); ++i) {
      sum_rows(products[i], outer, inner, work);
      if (options_.multipole_axis)
        scatter_multipoles(n0, n1, work, apart.data() + i * places);
      else
        scatter(n0, n1, work, apart.data() + i * places);
    }
  }
  for (std::size_t i = 0; i < products.size(); ++i)
    for (std::size_t at = 0; at < per_product; ++at) {
      const double* both = apart.data() + i * places + (at + kinds) * sides;
      sums[i * per_product + at] = both[0] + both[1];
    }
}

/// A row and its mirror image at −inner have the same |n|² at each place: they are added before they go into bins.
template <class Real>
void PowerSpectrumEstimator<Real>::sum_rows(const Product& product, std::int64_t outer, std::int64_t inner,
                                            Workspace& work) const {
  const std::int64_t n = layout_.shape().n;
  const std::size_t half = work.values.size();
  double* const squares = work.squares.data();
  const auto reals = [outer](const SpectralField<Real>& field, std::int64_t at) {
    return reinterpret_cast<const Real*>(field.row(outer, at).data());
  };
  const Real* a = reals(*product.first, inner);
  const Real* b = reals(*product.second, inner);
  if (const std::int64_t mirror = (n - inner) % n; mirror == inner) {
    for (std::size_t i = 0; i < 2 * half; ++i) squares[i] = static_cast<double>(a[i]) * static_cast<double>(b[i]);
  } else {
    const Real* c = reals(*product.first, mirror);
    const Real* d = reals(*product.second, mirror);
    for (std::size_t i = 0; i < 2 * half; ++i)
      squares[i] =
          static_cast<double>(a[i]) * static_cast<double>(b[i]) + static_cast<double>(c[i]) * static_cast<double>(d[i]);
  }
  const auto [n0, n1] = product.first->row_wave_numbers(outer, inner);
  const auto correction_of = [&](std::int64_t wave) {
    return correction_[static_cast<std::size_t>(wave < 0 ? wave + n : wave)];
  };
  const double row_correction = correction_of(n0) * correction_of(n1);
  for (std::size_t n2 = 0; n2 < half; ++n2)
    work.values[n2] = (squares[2 * n2] + squares[2 * n2 + 1]) * place_factor_[n2] * row_correction;
  // A mode that is its own conjugate is stored once and is one independent mode, as half of a pair stored twice is not.
  if ((n0 == 0 || 2 * n0 == n) && (n1 == 0 || 2 * n1 == n)) {
    work.values[0] *= 2.0;
    if (n % 2 == 0) work.values[half - 1] *= 2.0;
  }
}

template <class Real>
void PowerSpectrumEstimator<Real>::scatter(std::int64_t n0, std::int64_t n1, const Workspace& work,
                                           double* sums) const {
  const std::int64_t row_square = n0 * n0 + n1 * n1;
  for (std::size_t n2 = 0; n2 < work.values.size(); ++n2) {
    const auto bin = bins_.bin_of(row_square + static_cast<std::int64_t>(n2 * n2)) + 1;
    sums[static_cast<std::size_t>(bin) * sides + n2 % sides] += work.values[n2];
  }
}

template <class Real>
void PowerSpectrumEstimator<Real>::scatter_multipoles(std::int64_t n0, std::int64_t n1, const Workspace& work,
                                                      double* sums) const {
  const std::int64_t row_square = n0 * n0 + n1 * n1;
  for (std::size_t n2 = 0; n2 < work.values.size(); ++n2) {
    const auto wave = static_cast<std::int64_t>(n2), squared = row_square + wave * wave;
    const auto bin = bins_.bin_of(squared) + 1;
    if (bin == 0) continue;
    const std::int64_t along = *options_.multipole_axis == 0 ? n0 : *options_.multipole_axis == 1 ? n1 : wave;
    const double mu2 = static_cast<double>(along * along) / static_cast<double>(squared);
    const double value = work.values[n2];
    double* sum = sums + static_cast<std::size_t>(bin) * 3 * sides + n2 % sides;
    sum[power * sides] += value;
    sum[quadrupole * sides] += value * 0.5 * (3.0 * mu2 - 1.0);
    sum[hexadecapole * sides] += value * 0.125 * ((35.0 * mu2 - 30.0) * mu2 + 3.0);
  }
}

template <class Real>
PowerSpectrum PowerSpectrumEstimator<Real>::finished(std::span<const double> sums) const {
  const double side = layout_.shape().box_size;
  const auto cells = static_cast<double>(layout_.shape().cells());
  const std::size_t kinds = options_.multipole_axis ? 3 : 1;
  PowerSpectrum result;
  for (std::size_t bin = 0; bin < bins_.count(); ++bin) {
    if (modes_.count[bin] == 0) continue;
    const double unit = side * side * side / (cells * cells) / static_cast<double>(2 * modes_.count[bin]);
    result.bin.push_back(bin);
    result.k.push_back(modes_.mean_k[bin]);
    result.modes.push_back(modes_.count[bin]);
    result.p.push_back(unit * sums[bin * kinds + power]);
    if (!options_.multipole_axis) continue;
    result.p2.push_back(5.0 * unit * sums[bin * kinds + quadrupole]);
    result.p4.push_back(9.0 * unit * sums[bin * kinds + hexadecapole]);
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
