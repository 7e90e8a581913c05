#pragma once
#include <Eigen/Core>
#include <cstdint>
#include <span>

#include "phiscope/statistics/ensemble.hpp"

namespace phiscope {

/// The Gaussian likelihood-ratio classifier on band powers: the best that a classifier can do which sees nothing but
/// these bands, when they are normally distributed with one covariance in both classes. Give it log P: then the bands
/// are near normal and scale out.
///
/// Fitted: the mean of each class, and the covariance within the classes, pooled. Bands are standardised, and the
/// pooled correlation matrix is shrunk towards the identity by the optimal intensity of Ledoit & Wolf (2004,
/// J. Multivariate Anal. 88, 365), so that it can be inverted with fewer seeds than bands. The two classes of a pair
/// share their phases, so a seed counts as one independent sample in that intensity, not as two.
class LikelihoodRatioClassifier {
 public:
  /// One row per training cube, one column per band; "positive" is gr by convention. Throws Error with fewer than two
  /// cubes in a class, different numbers of bands, values that are not finite, or bands that never vary.
  LikelihoodRatioClassifier(const BandPowers& negative, const BandPowers& positive);

  /// ln L(positive)/L(negative) of one cube's bands: positive says "positive class".
  double log_likelihood_ratio(const Eigen::VectorXd& bands) const;
  /// The same for each row.
  Eigen::VectorXd log_likelihood_ratios(const BandPowers& cubes) const;

  /// The share of cubes that are classified as what they are.
  double accuracy(const BandPowers& negative, const BandPowers& positive) const;

  /// The shrinkage intensity, 0 (sample covariance) to 1 (diagonal).
  double shrinkage() const noexcept { return shrinkage_; }
  /// The Mahalanobis distance d between the fitted classes. Φ(d/2) is the accuracy that the fit itself predicts, which
  /// is too high when seeds are few: prefer accuracy() on cubes that were not fitted.
  double separation() const noexcept { return separation_; }

 private:
  Eigen::VectorXd midpoint_;
  /// The discriminant: Σ⁻¹ (µ₊ − µ₋).
  Eigen::VectorXd direction_;
  double shrinkage_ = 0.0;
  double separation_ = 0.0;
};

/// The accuracy that two-point information allows for two classes of equally likely Gaussian fields whose power
/// spectra are known, for m_b independent complex modes (a real one counts 1/2) and the ratio r_b of the two spectra in
/// bin b: how often the sign of the likelihood ratio, a sum over χ² of 2 m_b degrees of freedom each, is right (Neyman
/// & Pearson 1933; to 1e-6, see ChiSquareTerm). For many modes of ratios near 1 it is Φ(d/2), d² = Σ_b m_b (ln r_b)²;
/// for few of a large ratio it is less than that. Throws Error when the lengths differ or a ratio is not positive.
double gaussian_field_accuracy(std::span<const double> modes, std::span<const double> ratio);

/// The standard normal distribution function Φ.
double normal_probability(double x);

}  // namespace phiscope
