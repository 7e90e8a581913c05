#include "phiscope/explanation/map_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <vector>

namespace phiscope {
namespace {

struct Ranks {
  std::vector<double> rank;  ///< from 0; equal values share their mean
  double variation = 0.0;    ///< sum of the squared deviations from the mean rank
};

Ranks ranks_of(std::span<const float> values) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  std::sort(order.begin(), order.end(), [&](std::uint32_t i, std::uint32_t j) { return values[i] < values[j]; });
  Ranks ranks{std::vector<double>(values.size())};
  const auto all = static_cast<double>(values.size());
  double ties = 0.0;
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    for (std::size_t place = first; place < end; ++place)
      ranks.rank[order[place]] = 0.5 * static_cast<double>(first + end - 1);
    const auto equal = static_cast<double>(end - first);
    ties += equal * (equal * equal - 1.0);
    first = end;
  }
  ranks.variation = (all * (all * all - 1.0) - ties) / 12.0;
  return ranks;
}

std::size_t count_not_finite(std::span<const float> map) {
  return static_cast<std::size_t>(
      std::count_if(map.begin(), map.end(), [](float value) { return !std::isfinite(value); }));
}

bool is_constant(std::span<const float> map) {
  return std::all_of(map.begin(), map.end(), [&](float value) { return value == map.front(); });
}

/// Why a map has no order; empty where it has one.
std::string defect(std::span<const float> map) {
  if (const auto bad = count_not_finite(map))
    return fmt::format("has {} of {} values that are not finite", bad, map.size());
  if (is_constant(map)) return fmt::format("is {} everywhere: it explains nothing", map.empty() ? 0.0F : map.front());
  return {};
}

}  // namespace

std::optional<double> rank_correlation(std::span<const float> a, std::span<const float> b) {
  if (!defect(a).empty() || !defect(b).empty()) return std::nullopt;
  const Ranks of_a = ranks_of(a), of_b = ranks_of(b);
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = of_a.rank[i] - of_b.rank[i];
    squares += difference * difference;
  }
  // Σ(r − s)² = V_r + V_s − 2 Σ(r − r̄)(s − s̄), for both have the same mean.
  return (of_a.variation + of_b.variation - squares) / (2.0 * std::sqrt(of_a.variation) * std::sqrt(of_b.variation));
}

MapCheck check_map(std::span<const float> map, std::span<const float> of_random_weights) {
  constexpr double same = 0.6;
  constexpr double not_defined = std::numeric_limits<double>::quiet_NaN();
  if (const auto wrong = defect(map); !wrong.empty()) return {not_defined, "the map " + wrong};
  if (const auto wrong = defect(of_random_weights); !wrong.empty())
    return {not_defined, fmt::format("there is nothing to compare the map with: that of random weights {}", wrong)};
  const double correlation = *rank_correlation(map, of_random_weights);
  if (std::abs(correlation) < same) return {correlation, {}};
  return {correlation, fmt::format("the map looks like that of random weights (rank correlation {:.3f}, expected below "
                                   "{}): it explains the input, not what was learnt",
                                   correlation, same)};
}

}  // namespace phiscope
