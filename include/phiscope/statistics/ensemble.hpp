#pragma once
#include <Eigen/Core>

namespace phiscope {

/// Band powers of an ensemble: one row per seed, one column per band.
using BandPowers = Eigen::MatrixXd;

/// The mean over the seeds and the sample standard deviation (n − 1 in the denominator), per band.
struct EnsembleSummary {
  Eigen::VectorXd mean;
  /// NaN for a single seed, of which no scatter is known.
  Eigen::VectorXd standard_deviation;
};

/// Throws Error when there is no seed.
EnsembleSummary summarise(const BandPowers& powers);

/// The mean over the seeds of the ratio a/b taken seed by seed, and the standard error of that mean (sample standard
/// deviation of the ratios / √n; NaN for a single seed), per band. Pairs share their phases, so the ratio is free of
/// most of the cosmic variance that a ratio of means carries.
struct PairedRatio {
  Eigen::VectorXd ratio;
  Eigen::VectorXd error;
};

/// Row i of both is the same seed. Throws Error when the shapes differ or there is no seed. A band with b = 0 gives a
/// ratio that is not finite.
PairedRatio paired_ratio(const BandPowers& a, const BandPowers& b);

/// The sample covariance between bands, bands × bands. Throws Error with fewer than two seeds.
Eigen::MatrixXd covariance(const BandPowers& powers);

}  // namespace phiscope
