#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace phiscope {

/// What a network said of one sample. A positive logit says the positive class, anything else the negative one (a logit
/// of exactly 0 too).
struct ScoredSample {
  std::uint64_t seed;
  bool is_positive;
  double logit;
};

/// How well two classes are told apart. A NaN means "not defined"; JSON writes it as null.
struct ClassificationMetrics {
  /// Mean binary cross-entropy of the logits, in nats.
  double loss;
  double accuracy;
  /// Standard deviation of the accuracy over bootstrap resamples of the seeds. NaN with fewer than two seeds.
  double accuracy_error;
  /// tp/(tp+fp); 0 when nothing was called positive.
  double precision;
  /// tp/(tp+fn); 0 when nothing is positive.
  double recall;
  /// 2tp/(2tp+fp+fn); 0 when nothing is, or was called, positive.
  double f1;
  /// The chance that a positive sample has a higher logit than a negative one, ties counted half (Mann-Whitney). NaN
  /// when a class is missing.
  double auc;
  /// [[tn, fp], [fn, tp]].
  std::array<std::array<std::int64_t, 2>, 2> confusion;
  std::int64_t samples;
  std::int64_t seeds;
};

/// Throws Error when there are no samples, or naming the seed of one whose logit is not finite.
void check_logits(std::span<const ScoredSample> samples);

/// The metrics of `samples`, which may come in any order: the result is bitwise the same.
///
/// The slices of a cube and the two runs of a pair are not independent, so the bootstrap draws whole seeds: each of
/// the `resamples` draws as many seeds as there are, with replacement (Efron 1979; numbers from
/// RandomPurpose::bootstrap under `bootstrap_seed`). Throws Error as check_logits() does.
ClassificationMetrics classification_metrics(std::span<const ScoredSample> samples, std::uint64_t bootstrap_seed,
                                             int resamples = 1000);

/// The chance that a positive sample has a higher logit than a negative one, ties counted half (Mann-Whitney). NaN when
/// a class is missing.
double area_under_curve(std::span<const ScoredSample> samples);

/// The receiver operating characteristic, one point per distinct logit: a sample is called positive when its logit is
/// at least `threshold`. From (0, 0), threshold +infinity, to (1, 1); its trapezoidal area is
/// ClassificationMetrics::auc.
struct RocCurve {
  std::vector<double> threshold;
  std::vector<double> false_positive_rate;
  std::vector<double> true_positive_rate;
};

/// Empty when a class is missing: its rate is not defined. Throws Error as check_logits() does.
RocCurve roc_curve(std::span<const ScoredSample> samples);

/// One sample per cube, its logit the mean over the cube's slices, in ascending order of seed, the negative class
/// first. The slices may come in any order: the result is bitwise the same.
std::vector<ScoredSample> aggregate_per_cube(std::span<const ScoredSample> slices);

}  // namespace phiscope
