#include "phiscope/learning/regression_scores.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>

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

/// Every group once.
struct InOrder {
  std::size_t next = 0;
  std::size_t operator()() { return next++; }
};

Sums total(const std::vector<Sums>& groups, auto draw) {
  Sums all{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Sums& drawn = groups[draw()];
    for (std::size_t s = 0; s < sum_count; ++s) all[s] += drawn[s];
  }
  return all;
}

}  // namespace

std::vector<TargetScores> regression_scores(const EstimatedNumbers& numbers, const Bootstrap& bootstrap) {
  std::vector<TargetScores> scores;
  for (std::size_t target = 0; target < numbers.targets; ++target) {
    const auto groups = sums_by_group(numbers, target);
    const auto value = scores_of(total(groups, InOrder{}));
    const auto error = bootstrap_errors<score_count>(bootstrap, groups.size(),
                                                     [&](const auto& draw) { return scores_of(total(groups, draw)); });
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
