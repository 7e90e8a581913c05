#pragma once
#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "phiscope/statistics/ensemble.hpp"

namespace phiscope {

/// How clearly one pair shows a difference between its two runs. For the mean of n pairs multiply by √n.
struct SignalToNoise {
  /// |mean|/standard deviation of the paired difference over the seeds, with its sign, per band: the noise is the
  /// scatter of one seed. NaN for a single seed.
  Eigen::VectorXd per_band;
  /// √(dᵀ C⁻¹ d) over all bands of a group up to this one, with d the mean difference and C its covariance over the
  /// seeds. Bands that are not finite or do not vary add nothing.
  Eigen::VectorXd cumulative;
  /// Whether C⁻¹ is the inverse of the whole sample covariance, made unbiased by hartlap_factor(), rather than of its
  /// diagonal, for which the bands count as independent.
  bool full_covariance = false;
};

/// (n − p − 2)/(n − 1): what the inverse of a sample covariance of p bands from n seeds is to be multiplied by
/// (Hartlap, Simon & Schneider 2007, A&A 464, 399, eq. 17). 0 where n ≤ p + 2 and there is no such inverse.
double hartlap_factor(Eigen::Index seeds, Eigen::Index bands);

/// Of paired differences, one row per seed. `groups` says where each group of bands begins, ascending from 0; the
/// cumulative sums start anew there. The whole covariance is used where every group has fewer than seeds − 2 bands and
/// can be inverted, its diagonal elsewhere. The scatter of d alone gives about √(bands/seeds). Throws Error when there
/// is no seed.
SignalToNoise signal_to_noise(const BandPowers& differences, const std::vector<std::size_t>& groups = {0});

}  // namespace phiscope
