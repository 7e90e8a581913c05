#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "phiscope/catalogue/gravity.hpp"

namespace phiscope {

/// A key of a settings file that makes a universe, or initial conditions, that our background, growth and linear theory
/// do not follow.
struct UnmodelledKey {
  std::string text;     ///< "m_ncdm = 0.06"
  int line = 0;         ///< counted from 1
  std::string meaning;  ///< "massive neutrinos, with which growth depends on scale"
  bool growth = true;   ///< the growth is not known either; false: the initial power spectrum alone is another
};

/// What gevolution says it was run with: the `key = value` lines of `*_settings_used.ini`, `#` begins a comment.
/// Names of members follow the file's keys.
struct GevolutionSettings {
  std::filesystem::path file;
  double box_size = 0;         ///< Mpc/h
  std::int64_t grid_size = 0;  ///< cells along an axis of the cubes: Ngrid over the downgrade factor
  std::int64_t downgrade_factor = 1;
  std::uint64_t seed = 0;
  Gravity gravity = Gravity::newton;
  std::vector<double> snapshot_redshifts;  ///< nominal, descending: in the order of the snapshot numbers
  bool is_listed_otherwise = false;        ///< the file's list is in another order
  double h = 0;
  double omega_b = 0;    ///< Ω_b h²
  double omega_cdm = 0;  ///< Ω_cdm h²
  double t_cmb = 0;      ///< K; 0 when the file has none (gevolution then runs without photons)
  double n_ur = 0;       ///< effective number of ultra-relativistic species
  double omega_fld = 0;  ///< Ω_fld h² of dark energy with p = w ρ, beside Λ
  double w0_fld = -1;    ///< w = w0 + wa (1 − a)
  double wa_fld = 0;
  double A_s = 0;
  double n_s = 0;
  double k_pivot = 0;  ///< 1/Mpc
  std::vector<UnmodelledKey> unmodelled;
  /// Keys of neither gevolution nor its relatives, in the order of their names.
  std::vector<std::string> unknown_keys;
  std::string output_prefix;         ///< what follows the last slash of `output path`: part of every file's name
  std::string generic_base;          ///< `generic file base`
  std::string snapshot_base;         ///< `snapshot file base`
  std::map<std::string, int> lines;  ///< key → line, counted from 1

  /// The line that a key stands on, or 0 when it is not in the file and its default holds.
  int line_of(const std::string& key) const;
  /// The number NNN of the snapshot nearest to a nominal redshift (within 1e-6; the first of equals), or -1.
  int snapshot_number(double redshift) const;
};

/// Why growth, or linear theory, is not known for a run, as a clause that names file, keys and lines; empty where it
/// is.
std::string why_no_growth(const GevolutionSettings& run);
std::string why_no_linear_theory(const GevolutionSettings& run);

/// Whether two nominal redshifts mean the same: to 1e-6, relative above 1 and absolute below.
bool same_redshift(double first, double second);

/// Throws Error with file and line when a line is malformed, a key is missing, given twice with different values,
/// contradicts another spelling of the same, or is out of its range.
///
/// Read as gevolution 1.2 does: snapshots are numbered from the highest redshift down whatever the order of the list;
/// `gravity theory` counts by its first letter (N, G; GR where it is missing); photons are given by T_cmb, omega_g or
/// Omega_g, massless neutrinos by N_ur, N_eff, omega_ur or Omega_ur, matter by omega_b or Omega_b, omega_cdm or
/// Omega_cdm, dark energy by omega_fld or Omega_fld with w0_fld and wa_fld; `N_ur`, `A_s`, `n_s`, `k_pivot` fall back
/// to its defaults.
GevolutionSettings read_gevolution_settings(const std::filesystem::path& file);

}  // namespace phiscope
