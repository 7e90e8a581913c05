#pragma once
#include <filesystem>
#include <vector>

namespace phiscope {

/// Transfer functions at one redshift, as CLASS writes them in its own format (`*_tk.dat` of `output = dTk, vTk`;
/// gevolution ships one as `class_tk.dat`). Numbers as in the file: ratios to an initial curvature of 1 in the sign of
/// CLASS, which makes overdensities negative; gauge and redshift are the file's. One entry per row.
struct ClassTransfer {
  std::filesystem::path file;
  double redshift = 0;
  std::vector<double> k;          ///< h/Mpc, ascending
  std::vector<double> delta_b;    ///< `d_b`, baryons
  std::vector<double> delta_cdm;  ///< `d_cdm`, cold dark matter
  std::vector<double> theta_tot;  ///< `t_tot`, the velocity divergence of all species together, 1/Mpc
};

/// Finds the columns by the names in the header (`# 1:k (h/Mpc) 2:d_g …`) and the redshift by `redshift z=…` in a
/// comment. Throws Error with file and line when a column is missing or named twice, a row does not hold one finite
/// number per column, k is not positive or does not ascend, or no redshift is given.
ClassTransfer read_class_transfer(const std::filesystem::path& file);

}  // namespace phiscope
