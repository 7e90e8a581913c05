#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "phiscope/learning/bootstrap.hpp"
#include "phiscope/learning/classification_metrics.hpp"

namespace phiscope {

/// Samples with the probabilities that a network gave to each of K classes.
struct ClassifiedSamples {
  std::size_t classes = 2;
  std::vector<double> probabilities;  ///< samples × classes, each row of sum 1
  std::vector<std::int32_t> truth;    ///< of each sample
  std::vector<std::uint64_t> groups;  ///< of each sample: what the bootstrap draws
};

/// How well one class is told from all others. NaN where it is not defined.
struct ClassScore {
  double precision;  ///< of those said to be of the class, the part that are; 0 where none is
  double recall;     ///< of those of the class, the part that were said to be; 0 where there is none
  double f1;         ///< harmonic mean of both
  double auc;        ///< the chance that one of the class has a higher probability of it than another, ties half
  std::int64_t samples;
};

/// How well K classes are told apart.
struct ClassScores {
  double accuracy, accuracy_error;  ///< the class of the largest probability; error by bootstrap over groups
  double log_loss;                  ///< mean of −ln p of the true class, in nats
  /// Mean over samples of Σ_c (p_c − y_c)² (Brier 1950), halved for two classes: then it is the mean of (p − y)².
  double brier;
  /// Expected calibration error (Guo et al. 2017, arXiv:1706.04599, eq. 3): over 15 equal bins of the largest
  /// probability, the mean distance of accuracy and confidence, weighted by samples.
  double calibration_error;
  std::vector<ClassScore> of_class;
  std::vector<std::int64_t> confusion;  ///< classes × classes: truth, then what was said
  std::int64_t samples, groups;
};

ClassScores class_scores(const ClassifiedSamples& samples, const Bootstrap& bootstrap);

/// How often what was said with some confidence was right.
struct CalibrationCurve {
  std::vector<double> confidence, accuracy;  ///< means over the bins that are not empty
  std::vector<std::int64_t> samples;
};
CalibrationCurve calibration_curve(const ClassifiedSamples& samples);

/// Of one class against all others, with its probability for the logit.
RocCurve roc_of_class(const ClassifiedSamples& samples, std::size_t which);

}  // namespace phiscope
