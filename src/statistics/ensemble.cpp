#include "phiscope/statistics/ensemble.hpp"

#include <cmath>
#include <limits>

#include "phiscope/base/error.hpp"

namespace phiscope {

EnsembleSummary summarise(const BandPowers& powers) {
  if (powers.rows() == 0) fail("an ensemble holds no seed: nothing to average");
  EnsembleSummary summary;
  summary.mean = powers.colwise().mean();
  if (powers.rows() == 1) {
    summary.standard_deviation = Eigen::VectorXd::Constant(powers.cols(), std::numeric_limits<double>::quiet_NaN());
    return summary;
  }
  const Eigen::MatrixXd centred = powers.rowwise() - summary.mean.transpose();
  const Eigen::VectorXd variance = centred.colwise().squaredNorm().transpose() / static_cast<double>(powers.rows() - 1);
  summary.standard_deviation = variance.cwiseSqrt();
  return summary;
}

PairedRatio paired_ratio(const BandPowers& a, const BandPowers& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols())
    fail("a paired ratio needs the same seeds and bands on both sides, found {}×{} and {}×{}", a.rows(), a.cols(),
         b.rows(), b.cols());
  const EnsembleSummary ratios = summarise(a.cwiseQuotient(b));
  return {ratios.mean, ratios.standard_deviation / std::sqrt(static_cast<double>(a.rows()))};
}

Eigen::MatrixXd covariance(const BandPowers& powers) {
  if (powers.rows() < 2) fail("a covariance needs two seeds or more, found {}", powers.rows());
  const Eigen::MatrixXd centred = powers.rowwise() - powers.colwise().mean();
  return centred.transpose() * centred / static_cast<double>(powers.rows() - 1);
}

}  // namespace phiscope
