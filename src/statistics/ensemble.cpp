#include "phiscope/statistics/ensemble.hpp"

#include <cmath>
#include <limits>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

void require_same_shape(const BandPowers& a, const BandPowers& b) {
  if (a.rows() != b.rows() || a.cols() != b.cols())
    fail("a paired comparison needs the same seeds and bands on both sides, found {}×{} and {}×{}", a.rows(), a.cols(),
         b.rows(), b.cols());
}

}  // namespace

EnsembleSummary summarise(const BandPowers& powers) {
  if (powers.rows() == 0) fail("an ensemble holds no seed: nothing to average");
  const auto seeds = static_cast<double>(powers.rows());
  EnsembleSummary summary;
  summary.mean = powers.colwise().mean();
  if (powers.rows() == 1) {
    summary.standard_deviation = Eigen::VectorXd::Constant(powers.cols(), std::numeric_limits<double>::quiet_NaN());
  } else {
    const Eigen::MatrixXd centred = powers.rowwise() - summary.mean.transpose();
    const Eigen::VectorXd variance = centred.colwise().squaredNorm().transpose() / (seeds - 1.0);
    summary.standard_deviation = variance.cwiseSqrt();
  }
  summary.standard_error = summary.standard_deviation / std::sqrt(seeds);
  return summary;
}

BandPowers paired_ratios(const BandPowers& a, const BandPowers& b) {
  require_same_shape(a, b);
  return a.cwiseQuotient(b);
}

BandPowers paired_differences(const BandPowers& a, const BandPowers& b) {
  require_same_shape(a, b);
  return a - b;
}

PairedRatio paired_ratio(const BandPowers& a, const BandPowers& b) {
  const EnsembleSummary ratios = summarise(paired_ratios(a, b));
  return {ratios.mean, ratios.standard_error};
}

Eigen::MatrixXd covariance(const BandPowers& powers) {
  if (powers.rows() < 2) fail("a covariance needs two seeds or more, found {}", powers.rows());
  const Eigen::MatrixXd centred = powers.rowwise() - powers.colwise().mean();
  return centred.transpose() * centred / static_cast<double>(powers.rows() - 1);
}

Eigen::MatrixXd correlation(const Eigen::MatrixXd& covariance) {
  const Eigen::VectorXd scale = covariance.diagonal().cwiseSqrt();
  return covariance.cwiseQuotient(scale * scale.transpose());
}

}  // namespace phiscope
