#pragma once
#include <Eigen/Core>

namespace phiscope {

/// Band powers of an ensemble (or bispectra, or any other vector of numbers per seed): one row per seed, one column
/// per band.
using BandPowers = Eigen::MatrixXd;

/// The mean over the seeds, the sample standard deviation (n − 1 in the denominator) and the standard error of the
/// mean, standard deviation/√n, per band.
struct EnsembleSummary {
  Eigen::VectorXd mean;
  /// NaN for a single seed, of which no scatter is known; so is the error.
  Eigen::VectorXd standard_deviation;
  Eigen::VectorXd standard_error;
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

/// a/b seed by seed. Row i of both is the same seed. Throws Error when the shapes differ. A band with b = 0 gives a
/// ratio that is not finite.
BandPowers paired_ratios(const BandPowers& a, const BandPowers& b);
/// a − b seed by seed, under the same conditions.
BandPowers paired_differences(const BandPowers& a, const BandPowers& b);

/// Throws Error when the shapes differ or there is no seed.
PairedRatio paired_ratio(const BandPowers& a, const BandPowers& b);

/// The sample covariance between bands (n − 1 in the denominator), bands × bands. Throws Error with fewer than two
/// seeds.
Eigen::MatrixXd covariance(const BandPowers& powers);

/// C_ij/√(C_ii C_jj) of a covariance. NaN in rows and columns of bands that do not vary.
Eigen::MatrixXd correlation(const Eigen::MatrixXd& covariance);

}  // namespace phiscope
