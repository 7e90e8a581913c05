#include "phiscope/learning/classification_metrics.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "phiscope/base/error.hpp"
#include "phiscope/learning/bootstrap.hpp"

namespace phiscope {
namespace {

constexpr double not_defined = std::numeric_limits<double>::quiet_NaN();

/// Sorted, so that no sum depends on the order in which samples were scored.
std::vector<ScoredSample> by_cube(std::span<const ScoredSample> samples) {
  std::vector<ScoredSample> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end(), [](const ScoredSample& a, const ScoredSample& b) {
    return std::tie(a.seed, a.is_positive, a.logit) < std::tie(b.seed, b.is_positive, b.logit);
  });
  return sorted;
}

bool called_positive(const ScoredSample& sample) {
  return sample.logit > 0;
}
bool is_right(const ScoredSample& sample) {
  return called_positive(sample) == sample.is_positive;
}

/// −log of the probability given to the true class, 1/(1 + exp(−x)) with x the logit signed towards it, in a form that
/// neither overflows nor cancels.
double cross_entropy(const ScoredSample& sample) {
  const double x = sample.is_positive ? sample.logit : -sample.logit;
  return std::log1p(std::exp(-std::abs(x))) + std::max(-x, 0.0);
}

double ratio(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

struct SeedScore {
  std::uint64_t seed;
  std::int64_t right;
  std::int64_t samples;
};

std::vector<SeedScore> score_per_seed(std::span<const ScoredSample> sorted) {
  std::vector<SeedScore> scores;
  for (const auto& sample : sorted) {
    if (scores.empty() || scores.back().seed != sample.seed) scores.push_back({sample.seed, 0, 0});
    scores.back().right += is_right(sample) ? 1 : 0;
    ++scores.back().samples;
  }
  return scores;
}

double bootstrap_error(std::span<const SeedScore> scores, const Bootstrap& bootstrap) {
  return bootstrap_errors<1>(bootstrap, scores.size(), [&](const auto& draw) {
    std::int64_t right = 0;
    std::int64_t samples = 0;
    for (std::size_t i = 0; i < scores.size(); ++i) {
      const auto& drawn = scores[draw()];
      right += drawn.right;
      samples += drawn.samples;
    }
    return std::array{ratio(right, samples)};
  })[0];
}

/// How many samples of each class have one logit.
struct LogitCount {
  double logit;
  std::int64_t negatives;
  std::int64_t positives;
};

/// From the highest logit to the lowest, equal ones together.
std::vector<LogitCount> count_logits(std::span<const ScoredSample> samples) {
  std::vector<ScoredSample> sorted(samples.begin(), samples.end());
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.logit > b.logit; });
  std::vector<LogitCount> counts;
  for (const auto& sample : sorted) {
    if (counts.empty() || counts.back().logit != sample.logit) counts.push_back({sample.logit, 0, 0});
    ++(sample.is_positive ? counts.back().positives : counts.back().negatives);
  }
  return counts;
}

}  // namespace

double area_under_curve(std::span<const ScoredSample> samples) {
  std::int64_t negatives = 0;
  std::int64_t positives = 0;
  std::int64_t twice_wins = 0;
  for (const auto& count : count_logits(samples)) {
    twice_wins += count.negatives * (2 * positives + count.positives);
    negatives += count.negatives;
    positives += count.positives;
  }
  return negatives == 0 || positives == 0 ? not_defined : 0.5 * ratio(twice_wins, negatives * positives);
}

void check_logits(std::span<const ScoredSample> samples) {
  if (samples.empty()) fail("there are no samples to evaluate");
  for (const auto& sample : samples)
    if (!std::isfinite(sample.logit))
      fail("the network's output for a sample of seed {} (class {}) is {}, expected a finite number: train it again",
           sample.seed, sample.is_positive ? 1 : 0, sample.logit);
}

ClassificationMetrics classification_metrics(std::span<const ScoredSample> samples, std::uint64_t bootstrap_seed,
                                             int resamples) {
  check_logits(samples);
  const auto sorted = by_cube(samples);
  ClassificationMetrics metrics{};
  for (const auto& sample : sorted) {
    metrics.loss += cross_entropy(sample);
    ++metrics.confusion[sample.is_positive ? 1 : 0][called_positive(sample) ? 1 : 0];
  }
  const auto [tn, fp] = metrics.confusion[0];
  const auto [fn, tp] = metrics.confusion[1];
  const auto scores = score_per_seed(sorted);
  metrics.samples = static_cast<std::int64_t>(sorted.size());
  metrics.seeds = static_cast<std::int64_t>(scores.size());
  metrics.loss /= static_cast<double>(metrics.samples);
  metrics.accuracy = ratio(tp + tn, metrics.samples);
  metrics.accuracy_error = bootstrap_error(scores, {.seed = bootstrap_seed, .resamples = resamples});
  metrics.precision = ratio(tp, tp + fp);
  metrics.recall = ratio(tp, tp + fn);
  metrics.f1 = ratio(2 * tp, 2 * tp + fp + fn);
  metrics.auc = area_under_curve(sorted);
  return metrics;
}

RocCurve roc_curve(std::span<const ScoredSample> samples) {
  check_logits(samples);
  const auto all_positives =
      std::count_if(samples.begin(), samples.end(), [](const auto& sample) { return sample.is_positive; });
  const auto all_negatives = static_cast<std::int64_t>(samples.size()) - all_positives;
  if (all_positives == 0 || all_negatives == 0) return {};
  RocCurve curve{{std::numeric_limits<double>::infinity()}, {0.0}, {0.0}};
  std::int64_t negatives = 0;
  std::int64_t positives = 0;
  for (const auto& count : count_logits(samples)) {
    negatives += count.negatives;
    positives += count.positives;
    curve.threshold.push_back(count.logit);
    curve.false_positive_rate.push_back(ratio(negatives, all_negatives));
    curve.true_positive_rate.push_back(ratio(positives, all_positives));
  }
  return curve;
}

std::vector<ScoredSample> aggregate_per_cube(std::span<const ScoredSample> slices) {
  const auto sorted = by_cube(slices);
  std::vector<ScoredSample> cubes;
  std::int64_t count = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const auto& slice = sorted[i];
    if (count == 0) cubes.push_back({slice.seed, slice.is_positive, 0.0});
    cubes.back().logit += slice.logit;
    ++count;
    const bool last =
        i + 1 == sorted.size() || sorted[i + 1].seed != slice.seed || sorted[i + 1].is_positive != slice.is_positive;
    if (!last) continue;
    cubes.back().logit /= static_cast<double>(count);
    count = 0;
  }
  return cubes;
}

}  // namespace phiscope
