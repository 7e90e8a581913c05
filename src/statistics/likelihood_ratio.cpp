#include "phiscope/statistics/likelihood_ratio.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "chi_square_sum.hpp"
#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

void require_training_set(const BandPowers& negative, const BandPowers& positive) {
  if (negative.cols() != positive.cols() || negative.cols() == 0)
    fail("a likelihood-ratio classifier needs the same bands in both classes, found {} and {}", negative.cols(),
         positive.cols());
  if (negative.rows() < 2 || positive.rows() < 2)
    fail("a likelihood-ratio classifier needs two cubes or more of each class, found {} and {}", negative.rows(),
         positive.rows());
  if (!negative.allFinite() || !positive.allFinite())
    fail("a likelihood-ratio classifier was given band powers that are not finite");
}

/// Both classes below each other, each about its own mean.
Eigen::MatrixXd centred(const BandPowers& negative, const BandPowers& positive) {
  Eigen::MatrixXd rows(negative.rows() + positive.rows(), negative.cols());
  rows.topRows(negative.rows()) = negative.rowwise() - negative.colwise().mean();
  rows.bottomRows(positive.rows()) = positive.rowwise() - positive.colwise().mean();
  return rows;
}

/// Ledoit & Wolf (2004), eqs. 14-16, for standardised rows with correlation matrix `correlation`: the squared error of
/// the sample matrix over its squared distance from the identity. `independent` is the number of independent samples.
double shrinkage_intensity(const Eigen::MatrixXd& rows, const Eigen::MatrixXd& correlation, double independent) {
  const Eigen::Index bands = correlation.rows();
  const double distance = (correlation - Eigen::MatrixXd::Identity(bands, bands)).squaredNorm();
  if (distance == 0.0) return 1.0;
  double scatter = 0.0;
  for (Eigen::Index i = 0; i < rows.rows(); ++i)
    scatter += (rows.row(i).transpose() * rows.row(i) - correlation).squaredNorm();
  const double error = scatter / static_cast<double>(rows.rows()) / independent;
  return std::clamp(error / distance, 0.0, 1.0);
}

}  // namespace

LikelihoodRatioClassifier::LikelihoodRatioClassifier(const BandPowers& negative, const BandPowers& positive) {
  require_training_set(negative, positive);
  const Eigen::VectorXd negative_mean = negative.colwise().mean();
  const Eigen::VectorXd positive_mean = positive.colwise().mean();
  Eigen::MatrixXd rows = centred(negative, positive);
  const auto freedom = static_cast<double>(rows.rows() - 2);
  const Eigen::VectorXd variance = rows.colwise().squaredNorm().transpose() / freedom;
  const Eigen::VectorXd scale = variance.cwiseSqrt();
  if (!(scale.minCoeff() > 0.0)) fail("a band power is the same in all training cubes: leave that band out");

  rows = rows * scale.cwiseInverse().asDiagonal();
  Eigen::MatrixXd correlation = rows.transpose() * rows / freedom;
  const auto seeds = static_cast<double>(std::min(negative.rows(), positive.rows()));
  shrinkage_ = shrinkage_intensity(rows, correlation, seeds);
  correlation *= 1.0 - shrinkage_;
  correlation.diagonal().array() += shrinkage_;

  const Eigen::LDLT<Eigen::MatrixXd> factors(correlation);
  const Eigen::VectorXd difference = (positive_mean - negative_mean).cwiseQuotient(scale);
  const Eigen::VectorXd direction = factors.solve(difference);
  if (factors.info() != Eigen::Success || !direction.allFinite())
    fail("the covariance of {} bands cannot be inverted with {} seeds: use fewer bands", rows.cols(), seeds);
  separation_ = std::sqrt(std::max(0.0, difference.dot(direction)));
  direction_ = direction.cwiseQuotient(scale);
  midpoint_ = 0.5 * (positive_mean + negative_mean);
}

double LikelihoodRatioClassifier::log_likelihood_ratio(const Eigen::VectorXd& bands) const {
  if (bands.size() != direction_.size())
    fail("a likelihood-ratio classifier of {} bands was given {}", direction_.size(), bands.size());
  return direction_.dot(bands - midpoint_);
}

Eigen::VectorXd LikelihoodRatioClassifier::log_likelihood_ratios(const BandPowers& cubes) const {
  Eigen::VectorXd ratios(cubes.rows());
  for (Eigen::Index i = 0; i < cubes.rows(); ++i) ratios[i] = log_likelihood_ratio(cubes.row(i).transpose());
  return ratios;
}

double LikelihoodRatioClassifier::accuracy(const BandPowers& negative, const BandPowers& positive) const {
  if (negative.rows() + positive.rows() == 0) fail("no cube to classify");
  const auto right =
      (log_likelihood_ratios(negative).array() < 0.0).count() + (log_likelihood_ratios(positive).array() > 0.0).count();
  return static_cast<double>(right) / static_cast<double>(negative.rows() + positive.rows());
}

double gaussian_field_accuracy(std::span<const double> modes, std::span<const double> ratio) {
  if (modes.size() != ratio.size())
    fail("the bound on the accuracy needs a ratio for each bin, found {} bins and {} ratios", modes.size(),
         ratio.size());
  // With y the power over that of the first class, ln L₂/L₁ = Σ ½ (1 − 1/r) y − m ln r, where y is χ² in the first
  // class and r·χ² in the second.
  std::vector<ChiSquareTerm> first, second;
  double threshold = 0.0;
  double information = 0.0;
  for (std::size_t i = 0; i < modes.size(); ++i) {
    if (!(ratio[i] > 0.0) || !std::isfinite(ratio[i]))
      fail("the ratio of two power spectra is {} in bin {}, expected a positive number", ratio[i], i);
    first.push_back({(ratio[i] - 1.0) / ratio[i], 2.0 * modes[i]});
    second.push_back({ratio[i] - 1.0, 2.0 * modes[i]});
    threshold += 2.0 * modes[i] * std::log(ratio[i]);
    information += modes[i] * std::abs(std::log(ratio[i]));
  }
  if (information == 0.0) return 0.5;
  return 0.5 * (1.0 - probability_above(first, threshold) + probability_above(second, threshold));
}

double normal_probability(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}

}  // namespace phiscope
