#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

namespace phiscope {

/// One time step of a run.
struct BackgroundStep {
  std::int64_t cycle = 0;
  double tau = 0;               ///< conformal time, in units of the box size
  double a = 0;                 ///< scale factor, 1 today
  double conformal_hubble = 0;  ///< ℋ/H0
  double phi_mean = 0;          ///< φ(k=0)
  double t00_mean = 0;          ///< T00(k=0)
};

/// `*_background.dat`. The file is opened in append mode, so a folder that was run in twice holds two runs.
struct GevolutionBackground {
  std::filesystem::path file;
  std::vector<std::vector<BackgroundStep>> runs;  ///< in the order of the file; none is empty
};

/// A run begins where the cycle goes back to the first one. A run resumed from a hibernation point goes back to a
/// later cycle: its rows replace those that it repeats. A row cut short by a kill is left out; anything else that is
/// not six numbers is an Error with its line, as is a scale factor that does not grow.
GevolutionBackground read_gevolution_background(const std::filesystem::path& file);

/// The redshift that a snapshot was really taken at: of the first cycle with 1/a − 1 ≤ `nominal`, in the last run that
/// came so far (the one that left the snapshot file). Throws Error when no run did.
double snapshot_redshift(const GevolutionBackground& background, double nominal);

}  // namespace phiscope
