#include "phiscope/learning/class_scores.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "phiscope/base/random.hpp"

namespace phiscope {
namespace {

constexpr double undefined = std::numeric_limits<double>::quiet_NaN();

std::span<const double> row_of(const ClassifiedSamples& samples, std::size_t i) {
  return std::span(samples.probabilities).subspan(i * samples.classes, samples.classes);
}

/// The (first) most probable class.
std::size_t said(const ClassifiedSamples& samples, std::size_t i) {
  const auto row = row_of(samples, i);
  return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

double ratio(std::int64_t part, std::int64_t all) {
  return all == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(all);
}

/// The samples by ascending probability of a class.
std::vector<std::size_t> ascending(const ClassifiedSamples& samples, std::size_t which) {
  std::vector<std::size_t> order(samples.truth.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return row_of(samples, a)[which] < row_of(samples, b)[which]; });
  return order;
}

/// Mann-Whitney, with the mean rank for ties.
double auc_of(const ClassifiedSamples& samples, std::size_t which) {
  const auto order = ascending(samples, which);
  double rank_sum = 0;
  std::int64_t positive = 0;
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    std::int64_t of_class = 0;
    const double value = row_of(samples, order[begin])[which];
    while (end < order.size() && row_of(samples, order[end])[which] == value)
      of_class += samples.truth[order[end++]] == static_cast<std::int32_t>(which) ? 1 : 0;
    rank_sum += static_cast<double>(of_class) * 0.5 * static_cast<double>(begin + 1 + end);
    positive += of_class;
    begin = end;
  }
  const auto negative = static_cast<std::int64_t>(order.size()) - positive;
  if (positive == 0 || negative == 0) return undefined;
  const auto p = static_cast<double>(positive);
  return (rank_sum - 0.5 * p * (p + 1.0)) / (p * static_cast<double>(negative));
}

/// Of each group, how many samples are right, and how many there are.
struct GroupCount {
  double right = 0, all = 0;
};

double accuracy_error(const std::vector<GroupCount>& groups, const Bootstrap& bootstrap) {
  if (groups.size() < 2) return undefined;
  double sum = 0, squares = 0;
  for (int i = 0; i < bootstrap.resamples; ++i) {
    RandomStream random(RandomPurpose::bootstrap, bootstrap.seed, static_cast<std::uint64_t>(i));
    GroupCount drawn;
    for (std::size_t j = 0; j < groups.size(); ++j) {
      const auto& group = groups[random.below(groups.size())];
      drawn.right += group.right;
      drawn.all += group.all;
    }
    const double accuracy = drawn.right / drawn.all;
    sum += accuracy;
    squares += accuracy * accuracy;
  }
  const double n = bootstrap.resamples;
  return std::sqrt(std::max(0.0, squares / n - sum / n * (sum / n)) * n / (n - 1.0));
}

constexpr std::size_t calibration_bins = 15;

struct CalibrationBin {
  double confidence = 0, right = 0;
  std::int64_t samples = 0;
};

std::vector<CalibrationBin> bins_of(const ClassifiedSamples& samples) {
  std::vector<CalibrationBin> bins(calibration_bins);
  for (std::size_t i = 0; i < samples.truth.size(); ++i) {
    const std::size_t which = said(samples, i);
    const double confidence = row_of(samples, i)[which];
    const auto place = static_cast<std::size_t>(confidence * static_cast<double>(calibration_bins));
    auto& bin = bins[std::min(place, calibration_bins - 1)];
    bin.confidence += confidence;
    bin.right += samples.truth[i] == static_cast<std::int32_t>(which) ? 1.0 : 0.0;
    ++bin.samples;
  }
  return bins;
}

}  // namespace

ClassScores class_scores(const ClassifiedSamples& samples, const Bootstrap& bootstrap) {
  const std::size_t count = samples.truth.size(), classes = samples.classes;
  ClassScores scores{};
  scores.confusion.assign(classes * classes, 0);
  std::map<std::uint64_t, GroupCount> groups;
  std::int64_t right = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto row = row_of(samples, i);
    const auto truth = static_cast<std::size_t>(samples.truth[i]), answer = said(samples, i);
    ++scores.confusion[truth * classes + answer];
    right += truth == answer ? 1 : 0;
    auto& group = groups[samples.groups[i]];
    group.right += truth == answer ? 1.0 : 0.0;
    group.all += 1.0;
    scores.log_loss -= std::log(std::max(row[truth], std::numeric_limits<double>::min())) / static_cast<double>(count);
    double distance = 0;
    for (std::size_t c = 0; c < classes; ++c) {
      const double difference = row[c] - (c == truth ? 1.0 : 0.0);
      distance += difference * difference;
    }
    scores.brier += (classes == 2 ? 0.5 : 1.0) * distance / static_cast<double>(count);
  }
  scores.samples = static_cast<std::int64_t>(count);
  scores.groups = static_cast<std::int64_t>(groups.size());
  scores.accuracy = ratio(right, scores.samples);
  std::vector<GroupCount> counts;
  for (const auto& [number, group] : groups) counts.push_back(group);
  scores.accuracy_error = accuracy_error(counts, bootstrap);
  for (const auto& bin : bins_of(samples))
    scores.calibration_error += std::abs(bin.right - bin.confidence) / static_cast<double>(count);
  for (std::size_t c = 0; c < classes; ++c) {
    std::int64_t called = 0, are = 0;
    for (std::size_t other = 0; other < classes; ++other) {
      called += scores.confusion[other * classes + c];
      are += scores.confusion[c * classes + other];
    }
    const std::int64_t both = scores.confusion[c * classes + c];
    scores.of_class.push_back({.precision = ratio(both, called),
                               .recall = ratio(both, are),
                               .f1 = ratio(2 * both, called + are),
                               .auc = auc_of(samples, c),
                               .samples = are});
  }
  return scores;
}

CalibrationCurve calibration_curve(const ClassifiedSamples& samples) {
  CalibrationCurve curve;
  for (const auto& bin : bins_of(samples)) {
    if (bin.samples == 0) continue;
    curve.confidence.push_back(bin.confidence / static_cast<double>(bin.samples));
    curve.accuracy.push_back(bin.right / static_cast<double>(bin.samples));
    curve.samples.push_back(bin.samples);
  }
  return curve;
}

RocOfClass roc_of_class(const ClassifiedSamples& samples, std::size_t which) {
  const auto order = ascending(samples, which);
  std::int64_t positive = 0;
  for (const auto truth : samples.truth) positive += truth == static_cast<std::int32_t>(which) ? 1 : 0;
  const auto negative = static_cast<std::int64_t>(order.size()) - positive;
  RocOfClass roc;
  if (positive == 0 || negative == 0) return roc;
  std::int64_t true_positive = 0, false_positive = 0;
  const auto add = [&] {
    roc.false_positive_rate.push_back(ratio(false_positive, negative));
    roc.true_positive_rate.push_back(ratio(true_positive, positive));
  };
  add();
  for (std::size_t left = order.size(); left > 0;) {
    const double value = row_of(samples, order[left - 1])[which];
    for (; left > 0 && row_of(samples, order[left - 1])[which] == value; --left)
      ++(samples.truth[order[left - 1]] == static_cast<std::int32_t>(which) ? true_positive : false_positive);
    add();
  }
  return roc;
}

}  // namespace phiscope
