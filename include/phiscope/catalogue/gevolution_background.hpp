#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace phiscope {

/// One time step of a run.
struct BackgroundStep {
  std::int64_t cycle = 0;
  double tau = 0;               ///< conformal time, in units of the box size
  double a = 0;                 ///< scale factor, 1 today
  double conformal_hubble = 0;  ///< ℋ/H0
};

/// `*_background.dat`. The file is opened in append mode, so a folder that was run in twice holds two runs.
struct GevolutionBackground {
  std::filesystem::path file;
  std::vector<std::vector<BackgroundStep>> runs;  ///< in the order of the file; none is empty
};

/// A run begins where the cycle goes back to the first one. A run resumed from a hibernation point goes back to a
/// later cycle: its rows replace those that it repeats. Read are the first four columns (cycle, tau/boxsize, a, ℋ/H0),
/// which gevolution 1.2 (six columns), 2.0 (up to eleven) and k-evolution (seven or more) have in common; a header must
/// name them so. A row cut short by a kill is left out; anything else that is not a row of as many numbers as the first
/// one is an Error with its line, as is a scale factor that does not grow.
GevolutionBackground read_gevolution_background(const std::filesystem::path& file);

/// The redshift that a snapshot was really taken at: of the first cycle with 1/a − 1 ≤ `nominal`, in the last run that
/// came so far (the one that left the snapshot file). Throws Error when no run did.
double snapshot_redshift(const GevolutionBackground& background, double nominal);

/// The same for the last of `nominal`: the redshifts of the snapshots 0, 1, … up to the one asked for, descending. A
/// run writes one snapshot in a cycle, so that redshifts less than a time step apart are taken in consecutive cycles.
double snapshot_redshift(const GevolutionBackground& background, std::span<const double> nominal);

}  // namespace phiscope
