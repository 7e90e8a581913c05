#pragma once
#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// The sums of the same values of all ranks, added in rank order, on every rank. Collective; no MPI call on one rank.
inline std::vector<double> summed_over(const Communicator& ranks, std::vector<double> mine) {
  if (ranks.size() == 1) return mine;
  const std::vector<double> all = ranks.gather_all(std::span<const double>(mine));
  std::fill(mine.begin(), mine.end(), 0.0);
  for (std::size_t i = 0; i < all.size(); ++i) mine[i % mine.size()] += all[i];
  return mine;
}

}  // namespace phiscope
