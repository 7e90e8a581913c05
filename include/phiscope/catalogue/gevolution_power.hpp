#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

namespace phiscope {

/// A power spectrum table of gevolution, `*_pkNNN_phi.dat`: the mean over the modes of each bin of k³|φ_k|²/(2π²),
/// interpolated to the exact nominal redshift. One entry per bin that holds modes.
struct GevolutionPower {
  std::filesystem::path file;
  double redshift = 0;
  std::vector<double> k;   ///< h/Mpc
  std::vector<double> pk;  ///< dimensionless
  std::vector<double> sigma_k;
  std::vector<double> sigma_pk;
  std::vector<std::uint64_t> count;  ///< modes, ±k both counted
};

/// Throws Error with file and line when a row is not five numbers or the redshift line is missing.
GevolutionPower read_gevolution_power(const std::filesystem::path& file);

}  // namespace phiscope
