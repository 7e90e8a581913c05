#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "phiscope/io/gravity.hpp"

namespace phiscope {

/// What gevolution says it was run with: the `key = value` lines of `*_settings_used.ini`, `#` begins a comment.
/// Names of members follow the file's keys.
struct GevolutionSettings {
  std::filesystem::path file;
  double box_size = 0;         ///< Mpc/h
  std::int64_t grid_size = 0;  ///< cells along an axis
  std::uint64_t seed = 0;
  Gravity gravity = Gravity::newton;
  std::vector<double> snapshot_redshifts;  ///< nominal, in the order of the snapshot numbers
  double h = 0;
  double omega_b = 0;    ///< Ω_b h²
  double omega_cdm = 0;  ///< Ω_cdm h²
  double t_cmb = 0;      ///< K; 0 when the file has none (gevolution then runs without photons)
  double n_ur = 0;       ///< effective number of ultra-relativistic species
  double A_s = 0;
  double n_s = 0;
  double k_pivot = 0;                ///< 1/Mpc
  std::map<std::string, int> lines;  ///< key → line, counted from 1

  /// The line that a key stands on, or 0 when it is not in the file and its default holds.
  int line_of(const std::string& key) const;
  /// The number NNN of the snapshot at a nominal redshift (matched to 1e-6), or -1.
  int snapshot_number(double redshift) const;
};

/// Whether two nominal redshifts mean the same: to 1e-6, relative above 1 and absolute below.
bool same_redshift(double first, double second);

/// "gr_snap004_phi.h5": the cube of Φ of a run's snapshot.
std::string snapshot_file_name(Gravity gravity, int number);

/// Throws Error with file and line when a line is malformed, a key is missing, given twice with different values, or
/// out of its range. `Omega_b`, `Omega_cdm` (without h²) are taken too; `N_ur`, `A_s`, `n_s`, `k_pivot` fall back to
/// the defaults that gevolution 1.2 documents.
GevolutionSettings read_gevolution_settings(const std::filesystem::path& file);

}  // namespace phiscope
