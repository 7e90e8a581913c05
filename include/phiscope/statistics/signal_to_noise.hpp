#pragma once
#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "phiscope/statistics/ensemble.hpp"

namespace phiscope {

/// What stands for the covariance of the bands.
enum class BandCovariance {
  full,      ///< the sample covariance; its inverse is made unbiased by hartlap_factor()
  diagonal,  ///< its diagonal: the bands count as independent
};

/// How clearly one pair shows a difference between its two runs. For the mean of n pairs multiply by √n.
struct SignalToNoise {
  /// Mean/standard deviation of the paired difference over the seeds, per band: the noise is the scatter of one seed.
  /// NaN for a single seed.
  Eigen::VectorXd per_band;
  /// √(dᵀ C⁻¹ d) over all bands of a group up to this one, with d the mean difference and C its covariance over the
  /// seeds. Bands that are not finite, do not vary or repeat those before them add nothing.
  Eigen::VectorXd cumulative;
  /// What C is.
  BandCovariance covariance = BandCovariance::diagonal;
  /// How many bands repeat those before them in their group, as triangles of the same shells do: a combination of them,
  /// or with the diagonal the same number in every seed but for a factor. They do not count as bands.
  std::size_t repeated_bands = 0;
};

/// (n − p − 2)/(n − 1): what the inverse of a sample covariance of p bands from n seeds is to be multiplied by
/// (Hartlap, Simon & Schneider 2007, A&A 464, 399, eq. 17). 0 where n ≤ p + 2 and there is no such inverse.
double hartlap_factor(Eigen::Index seeds, Eigen::Index bands);

/// Of paired differences, one row per seed. `groups` says where each group of bands begins, ascending from 0; the
/// cumulative sums start anew there. The full covariance, unless the diagonal is asked for, is used where every group
/// has fewer than seeds − 2 bands that do not repeat others; else the diagonal is, for all groups. The scatter of d
/// alone gives about √(bands/seeds). Throws Error when there is no seed.
SignalToNoise signal_to_noise(const BandPowers& differences, const std::vector<std::size_t>& groups = {0},
                              BandCovariance covariance = BandCovariance::full);

}  // namespace phiscope
