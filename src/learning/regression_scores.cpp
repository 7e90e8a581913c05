#include "phiscope/learning/regression_scores.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

#include "phiscope/base/random.hpp"

namespace phiscope {
namespace {

/// Sums over the samples of a group, of which every score is a function.
enum Sum : std::size_t {
  samples,
  squares,
  distances,
  differences,
  relative,
  truths,
  truth_squares,
  inside68,
  inside95,
  log_densities,
  bound_squares,
  sum_count
};
using Sums = std::array<double, sum_count>;

constexpr std::size_t score_count = 9;

/// In the order of TargetScores.
std::array<double, score_count> scores_of(const Sums& s) {
  const double n = s[samples];
  const double scatter = s[truth_squares] - s[truths] * s[truths] / n;
  return {std::sqrt(s[squares] / n),
          s[distances] / n,
          scatter > 0 ? 1.0 - s[squares] / scatter : std::numeric_limits<double>::quiet_NaN(),
          s[differences] / n,
          s[relative] / n,
          s[inside68] / n,
          s[inside95] / n,
          s[log_densities] / n,
          std::sqrt(s[bound_squares] / n)};
}

bool is_central(double cumulative, double part) {
  return std::abs(cumulative - 0.5) <= 0.5 * part;
}

std::vector<Sums> sums_by_group(const EstimatedNumbers& numbers, std::size_t target) {
  // Truths about their mean: the scatter of numbers far from 0 keeps its digits.
  double mean_truth = 0;
  const std::size_t rows = numbers.groups.size();
  for (std::size_t i = 0; i < rows; ++i)
    mean_truth += numbers.truth[i * numbers.targets + target] / static_cast<double>(rows);
  std::map<std::uint64_t, Sums> groups;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t at = i * numbers.targets + target;
    const double truth = numbers.truth[at], difference = numbers.mean[at] - truth;
    Sums& s = groups.try_emplace(numbers.groups[i], Sums{}).first->second;
    s[samples] += 1.0;
    s[squares] += difference * difference;
    s[distances] += std::abs(difference);
    s[differences] += difference;
    s[relative] += truth == 0 ? std::numeric_limits<double>::quiet_NaN() : std::abs(difference / truth);
    s[truths] += truth - mean_truth;
    s[truth_squares] += (truth - mean_truth) * (truth - mean_truth);
    if (!numbers.bound.empty()) s[bound_squares] += difference * difference / (numbers.bound[at] * numbers.bound[at]);
    if (numbers.cumulative.empty()) continue;
    s[inside68] += is_central(numbers.cumulative[at], 0.68) ? 1.0 : 0.0;
    s[inside95] += is_central(numbers.cumulative[at], 0.95) ? 1.0 : 0.0;
    s[log_densities] += numbers.log_density[at];
  }
  std::vector<Sums> sums;
  for (const auto& [group, s] : groups) sums.push_back(s);
  return sums;
}

Sums total(const std::vector<Sums>& groups, auto&& which) {
  Sums all{};
  for (std::size_t i = 0; i < groups.size(); ++i)
    for (std::size_t s = 0; s < sum_count; ++s) all[s] += groups[which(i)][s];
  return all;
}

std::array<double, score_count> errors_of(const std::vector<Sums>& groups, const Bootstrap& bootstrap) {
  std::array<double, score_count> sum{}, squares{}, errors{};
  errors.fill(std::numeric_limits<double>::quiet_NaN());
  if (groups.size() < 2) return errors;
  const auto value = scores_of(total(groups, [](std::size_t i) { return i; }));
  for (int r = 0; r < bootstrap.resamples; ++r) {
    RandomStream random(RandomPurpose::bootstrap, bootstrap.seed, static_cast<std::uint64_t>(r));
    const auto drawn = scores_of(total(groups, [&](std::size_t) { return random.below(groups.size()); }));
    for (std::size_t s = 0; s < score_count; ++s) {
      sum[s] += drawn[s] - value[s];  // about the value: no digits are lost
      squares[s] += (drawn[s] - value[s]) * (drawn[s] - value[s]);
    }
  }
  const double n = bootstrap.resamples;
  for (std::size_t s = 0; s < score_count; ++s) {
    const double variance = (squares[s] - sum[s] * sum[s] / n) / (n - 1.0);
    // Rounding may make it negative; where a resample has no such score it is NaN, and stays so.
    errors[s] = std::sqrt(variance < 0.0 ? 0.0 : variance);
  }
  return errors;
}

}  // namespace

std::vector<TargetScores> regression_scores(const EstimatedNumbers& numbers, const Bootstrap& bootstrap) {
  std::vector<TargetScores> scores;
  for (std::size_t target = 0; target < numbers.targets; ++target) {
    const auto groups = sums_by_group(numbers, target);
    const auto value = scores_of(total(groups, [](std::size_t i) { return i; }));
    const auto error = errors_of(groups, bootstrap);
    const auto score = [&](std::size_t i) { return Score{value[i], error[i]}; };
    TargetScores of_target{.rmse = score(0),
                           .mae = score(1),
                           .r2 = score(2),
                           .bias = score(3),
                           .relative_error = score(4),
                           .coverage68 = {},
                           .coverage95 = {},
                           .log_likelihood = {},
                           .error_over_bound = {}};
    if (!numbers.bound.empty()) of_target.error_over_bound = score(8);
    if (!numbers.cumulative.empty()) {
      of_target.coverage68 = score(5);
      of_target.coverage95 = score(6);
      of_target.log_likelihood = score(7);
    }
    scores.push_back(of_target);
  }
  return scores;
}

}  // namespace phiscope
