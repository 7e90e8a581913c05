#include "phiscope/learning/expected_coverage.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "phiscope/base/random.hpp"

namespace phiscope {

ExpectedCoverage expected_coverage(std::span<const Posterior> posteriors, std::span<const double> truth,
                                   std::size_t targets, std::uint64_t seed) {
  constexpr int draws = 256;
  constexpr std::size_t steps = 50;
  const std::size_t samples = truth.size() / targets;
  std::vector<double> lowest(targets), highest(targets), spread(targets);
  for (std::size_t t = 0; t < targets; ++t) {
    double mean = 0, squares = 0;
    lowest[t] = highest[t] = truth[t];
    for (std::size_t i = 0; i < samples; ++i) {
      const double value = truth[i * targets + t];
      lowest[t] = std::min(lowest[t], value);
      highest[t] = std::max(highest[t], value);
      mean += value / static_cast<double>(samples);
    }
    for (std::size_t i = 0; i < samples; ++i) squares += std::pow(truth[i * targets + t] - mean, 2);
    spread[t] = std::max(std::sqrt(squares / static_cast<double>(samples)), std::numeric_limits<double>::min());
  }
  // Of each sample, the part of its draws that lie nearer to the reference than the truth does.
  std::vector<double> nearer(samples);
  std::vector<double> reference(targets);
  for (std::size_t i = 0; i < samples; ++i) {
    RandomStream random(RandomPurpose::bootstrap, seed, i, 1);
    for (std::size_t t = 0; t < targets; ++t) reference[t] = lowest[t] + (highest[t] - lowest[t]) * random.uniform();
    const auto distance = [&](auto&& value) {
      double squares = 0;
      for (std::size_t t = 0; t < targets; ++t) squares += std::pow((value(t) - reference[t]) / spread[t], 2);
      return squares;
    };
    const double of_truth = distance([&](std::size_t t) { return truth[i * targets + t]; });
    int count = 0;
    for (int d = 0; d < draws; ++d)
      count += distance([&](std::size_t t) { return posteriors[i * targets + t].draw(random); }) < of_truth ? 1 : 0;
    nearer[i] = static_cast<double>(count) / draws;
  }
  std::sort(nearer.begin(), nearer.end());
  ExpectedCoverage result;
  for (std::size_t step = 0; step <= steps; ++step) {
    const double credibility = static_cast<double>(step) / static_cast<double>(steps);
    const auto below = std::lower_bound(nearer.begin(), nearer.end(), credibility) - nearer.begin();
    const double coverage = step == steps ? 1.0 : static_cast<double>(below) / static_cast<double>(samples);
    result.credibility.push_back(credibility);
    result.coverage.push_back(coverage);
    result.largest_deviation = std::max(result.largest_deviation, std::abs(coverage - credibility));
  }
  return result;
}

}  // namespace phiscope
