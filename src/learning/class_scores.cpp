#include "phiscope/learning/class_scores.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

namespace phiscope {
namespace {

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

/// The samples as those of two classes: this one, its probability as the logit, and all others.
std::vector<ScoredSample> one_against_the_rest(const ClassifiedSamples& samples, std::size_t which) {
  std::vector<ScoredSample> scored;
  for (std::size_t i = 0; i < samples.truth.size(); ++i)
    scored.push_back(
        {samples.groups[i], samples.truth[i] == static_cast<std::int32_t>(which), row_of(samples, i)[which]});
  return scored;
}

/// Of each group, how many samples are right, and how many there are.
struct GroupCount {
  double right = 0, all = 0;
};

double accuracy_error(const std::vector<GroupCount>& groups, const Bootstrap& bootstrap) {
  return bootstrap_errors<1>(bootstrap, groups.size(), [&](const auto& draw) {
    GroupCount drawn;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const auto& group = groups[draw()];
      drawn.right += group.right;
      drawn.all += group.all;
    }
    return std::array{drawn.right / drawn.all};
  })[0];
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
                               .auc = area_under_curve(one_against_the_rest(samples, c)),
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

RocCurve roc_of_class(const ClassifiedSamples& samples, std::size_t which) {
  return roc_curve(one_against_the_rest(samples, which));
}

}  // namespace phiscope
