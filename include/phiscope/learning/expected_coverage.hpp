#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "phiscope/learning/posterior.hpp"

namespace phiscope {

/// How often the truth lies within the credible regions of the whole posterior, of all targets together, against how
/// often it should.
struct ExpectedCoverage {
  std::vector<double> credibility, coverage;  ///< both from 0 to 1; equal where the posteriors are right
  double largest_deviation = 0;               ///< of the curve from the diagonal
};

/// The TARP test (Lemos et al. 2023, arXiv:2302.03026, algorithm 2): regions around random reference points, with
/// distances in units of each target's standard deviation over the truths, 256 draws of each posterior. The targets of
/// a sample are taken as independent of each other, as the network gives them. `posteriors` and `truth`: samples ×
/// targets.
ExpectedCoverage expected_coverage(std::span<const Posterior> posteriors, std::span<const double> truth,
                                   std::size_t targets, std::uint64_t seed);

}  // namespace phiscope
