#pragma once
#include <complex>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/catalogue/gevolution_power.hpp"
#include "phiscope/cosmology/cosmology.hpp"
#include "phiscope/grid/spectral_field.hpp"
#include "phiscope/measurement/gevolution_spectra.hpp"

namespace phiscope {

/// The largest modes of a cube of Φ, by which it is known: at these scales Φ is linear, so that the cubes of one seed
/// have the same phases and powers that follow from each other, and gevolution's table beside a cube the same power.
struct LargeScales {
  GridShape shape;
  std::vector<std::complex<double>> modes;  ///< φ_n = FFT/N³, in the order of large_modes()

  /// Collective over the field's team: all ranks get the modes.
  template <class Real>
  static LargeScales of(const SpectralField<Real>& field);
};

/// A wave vector in units of k_F, n2 ≥ 0, and how many modes of the full cube it stands for.
struct LargeMode {
  std::int64_t n0 = 0, n1 = 0, n2 = 0;
  int weight = 1;

  std::int64_t square() const noexcept { return n0 * n0 + n1 * n1 + n2 * n2; }
};

/// The modes with 0 < |n| ≤ 8, below N/2.
std::vector<LargeMode> large_modes(std::int64_t n);

/// Throws Error when a cube has not the power that the table nearest to it in redshift says, in any band up to 5 k_F:
/// mode by mode the same sums, but for the linear growth between the two redshifts and for the averaging of a
/// downgraded cube. `background`: null where there is no linear theory; the limits are wider then, as they are at the
/// first time step, where gr has Φ as the initial conditions have it. Returns the largest relative deviation; none
/// where nothing could be compared: no table is near, or the tables have other bins.
std::optional<double> require_power_of_table(const LargeScales& scales, const CatalogueEntry& cube,
                                             std::span<const GevolutionPower> tables, const Background* background);

/// A cube with its largest modes.
struct KnownScales {
  CatalogueEntry cube;
  LargeScales scales;
};

/// require_power_of_table() of each cube, where it holds Φ; the largest deviation.
std::optional<double> require_powers_of_tables(std::span<const KnownScales> cubes, RunTables& tables,
                                               const Background* background);

/// Why the cubes of a seed seem not to belong together, as one sentence, or nothing: phases of another seed, a power
/// out of proportion to the other gravity's, or to the same run's at another redshift. True of simulations of one box
/// with the same initial conditions; what else a study may hold is not known here.
std::string doubt_about_seed(std::span<const KnownScales> cubes, const Background* background);

/// Doubts about some of the seeds, when most are beyond doubt, are problems; doubts about most seeds say that these are
/// fields of another kind, which a warning tells. One doubt for each seed, empty where there is none.
std::vector<Catalogue::Problem> problems_of_doubts(std::span<const std::uint64_t> seeds,
                                                   std::span<const std::string> doubts);

}  // namespace phiscope
