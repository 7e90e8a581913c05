#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace phiscope {

/// P at the wave number |n|² (in units of k_F²).
using PowerOfMode = std::function<double(std::int64_t squared)>;

/// The modes of Gaussian fields of unit power, drawn by wave number: the phases of a seed are the same on every grid,
/// and finer grids add modes. All modes with 0 < |n| ≤ N/2 − 1, as gevolution's; others and the mean are 0.
class GaussianModes {
 public:
  /// A cube (`axes` 3) or map (2) of N values along each axis.
  GaussianModes(int axes, std::int64_t n, std::uint64_t seed, std::uint64_t realisation = 0);

  /// A field of these phases with P(k) in units of box_size^axes: V^{-1} ⟨|φ_k|²⟩ = P, of N^axes values, real,
  /// row-major. The same for any number of threads.
  std::vector<double> field(const PowerOfMode& power, double volume) const;

  /// How many real numbers the modes are.
  static std::int64_t degrees_of_freedom(int axes, std::int64_t n);
  /// Calls visit(squared) once for each real number among the modes.
  static void for_each_degree(int axes, std::int64_t n, const std::function<void(std::int64_t squared)>& visit);

 private:
  struct Mode {
    std::size_t place;   ///< in the half-complex array
    std::size_t mirror;  ///< of the conjugate where that is stored too; else the same
    std::int64_t squared;
    double real, imaginary;  ///< normal, of variance ½ each
  };

  int axes_;
  std::int64_t n_;
  std::vector<Mode> modes_;
};

}  // namespace phiscope
