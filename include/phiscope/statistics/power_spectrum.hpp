#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "phiscope/grid/slab_layout.hpp"
#include "phiscope/grid/spectral_field.hpp"
#include "phiscope/grid/window.hpp"
#include "phiscope/statistics/bin_modes.hpp"
#include "phiscope/statistics/mode_bins.hpp"

namespace phiscope {

/// `standard`: bins as BinOptions says, by default shells |n| = 1, 2, … ± 1/2 inside the Nyquist sphere.
/// `pylians`: the bins of Pylians3 (floor|n|, up to the corner of the cube), whatever BinOptions says. The estimator is
/// the same in both.
enum class PowerConvention { standard, pylians };

/// Reads "standard" (or "default") and "pylians". Throws Error with a suggestion on anything else.
PowerConvention parse_power_convention(std::string_view name);

struct PowerOptions {
  PowerConvention convention = PowerConvention::standard;
  Window window = Window::none;
  BinOptions bins;
  /// In h/Mpc: only bins that lie below it as a whole. See ModeBins for what happens without.
  std::optional<double> k_max;
  /// The line of sight for P2 and P4: axis 0, 1 or 2. None: P0 only.
  std::optional<int> multipole_axis;
};

/// A binned power spectrum. Bins without modes are left out.
struct PowerSpectrum {
  /// Mean |k| of the modes of each bin, h/Mpc.
  std::vector<double> k;
  /// Independent modes in each bin: n and −n are one mode.
  std::vector<std::int64_t> modes;
  /// P0 = ⟨|φ_n|²⟩ L³/N⁶, in (Mpc/h)³ times the square of the field's unit.
  std::vector<double> p;
  /// P_ℓ = (2ℓ+1) ⟨|φ_n|² L_ℓ(µ)⟩ L³/N⁶ with µ = n_axis/|n|; empty unless a multipole axis was asked for.
  std::vector<double> p2, p4;
  /// Which of the estimator's bins (bin_edges()) each entry is.
  std::vector<std::size_t> bin;
};

/// Two fields side by side, bin by bin.
struct CrossSpectrum {
  /// Of the bins with modes, the same ones in all three.
  PowerSpectrum cross, a, b;
  /// r(k) = P_ab / √(P_a P_b), from the monopoles: ±1 where the phases agree (oppose) and the ratio of the amplitudes
  /// is one number. Not a number where a power is 0.
  std::vector<double> correlation;
  /// T(k) = √(P_a / P_b): the factor from the amplitudes of b to those of a. Not a number or infinite where P_b is 0.
  std::vector<double> transfer;
};

/// Measures power spectra of fields of one layout. Each independent mode counts once; sums are made in double, in an
/// order that does not depend on the number of threads, and agree between numbers of ranks to 1e-12.
template <class Real>
class PowerSpectrumEstimator {
 public:
  /// Lays the bins and counts their modes, once for all fields; makes no MPI call. Throws Error when the options have
  /// no meaning for this cube.
  PowerSpectrumEstimator(const SlabLayout& layout, PowerOptions options);

  /// The auto power of an unnormalised forward transform. Collective over the team; no MPI call on a team of one rank,
  /// and safe to call from several threads. Throws Error when the field's shape is not the layout's.
  PowerSpectrum measure(const SpectralField<Real>& field) const;

  /// The cross power: Re⟨a_n b_n*⟩ in place of ⟨|φ_n|²⟩. Window and multipoles as for measure().
  PowerSpectrum measure_cross(const SpectralField<Real>& a, const SpectralField<Real>& b) const;

  /// The cross power, both auto powers and their ratios in one pass over the fields.
  CrossSpectrum measure_pair(const SpectralField<Real>& a, const SpectralField<Real>& b) const;

  /// Edges of all bins, also of those without modes, h/Mpc.
  std::vector<double> bin_edges() const { return bins_.edges(); }
  const PowerOptions& options() const noexcept { return options_; }

 private:
  /// Two fields whose product is summed; a field with itself for its power.
  using Product = std::pair<const SpectralField<Real>*, const SpectralField<Real>*>;
  struct Workspace;

  /// A spectrum for each product, in one pass.
  std::vector<PowerSpectrum> measure_products(std::span<const Product> products) const;
  void add_plane(std::span<const Product> products, std::int64_t outer, Workspace& work, double* sums) const;
  void sum_rows(const Product& product, std::int64_t outer, std::int64_t inner, Workspace& work) const;
  void scatter(std::int64_t n0, std::int64_t n1, const Workspace& work, double* sums) const;
  void scatter_multipoles(std::int64_t n0, std::int64_t n1, const Workspace& work, double* sums) const;
  PowerSpectrum finished(std::span<const double> sums) const;
  void require_layout(const SpectralField<Real>& field) const;

  SlabLayout layout_;
  PowerOptions options_;
  ModeBins bins_;
  BinModes modes_;
  /// The squared window correction of each place of an axis.
  std::vector<double> correction_;
  /// The same for the half axis 2, times how many modes of the whole cube a stored coefficient stands for.
  std::vector<double> place_factor_;
};

extern template class PowerSpectrumEstimator<float>;
extern template class PowerSpectrumEstimator<double>;

}  // namespace phiscope
