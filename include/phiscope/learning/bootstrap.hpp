#pragma once
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "phiscope/base/random.hpp"

namespace phiscope {

/// How error bars are found: by drawing whole groups, as many as there are, with replacement (Efron 1979).
struct Bootstrap {
  std::uint64_t seed = 1;
  int resamples = 1000;
};

/// The standard deviations over resamples of `groups` groups of scores: `scores(draw)` gives an array of them, and
/// calls draw() once for each group that it takes, which says the place of one. NaN with fewer than two groups or
/// resamples, and where a resample has no such score.
template <std::size_t count, class Scores>
std::array<double, count> bootstrap_errors(const Bootstrap& bootstrap, std::size_t groups, const Scores& scores) {
  std::array<double, count> mean{}, squares{};
  if (groups < 2 || bootstrap.resamples < 2) {
    squares.fill(std::numeric_limits<double>::quiet_NaN());
    return squares;
  }
  for (int resample = 0; resample < bootstrap.resamples; ++resample) {
    RandomStream random(RandomPurpose::bootstrap, bootstrap.seed, static_cast<std::uint64_t>(resample));
    const std::array<double, count> drawn =
        scores([&] { return static_cast<std::size_t>(random.below(static_cast<std::uint64_t>(groups))); });
    for (std::size_t i = 0; i < count; ++i) {
      // Welford's update: the spread may be far smaller than the score.
      const double difference = drawn[i] - mean[i];
      mean[i] += difference / (resample + 1);
      squares[i] += difference * (drawn[i] - mean[i]);
    }
  }
  for (double& square : squares) square = std::sqrt(square / (bootstrap.resamples - 1));
  return squares;
}

}  // namespace phiscope
