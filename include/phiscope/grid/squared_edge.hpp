#pragma once
#include <cmath>

namespace phiscope {

/// The square of a shell's edge given in units of k_F, to compare the integer |n|² of modes with: within 1e-9 of an
/// integer it is that integer, so that no rounding decides where a mode goes. Edges below 0 count as 0.
inline double squared_edge(double edge) {
  if (edge <= 0.0) return 0.0;
  const double square = edge * edge;
  const double nearest = std::round(square);
  return std::abs(square - nearest) <= 1e-9 * nearest ? nearest : square;
}

}  // namespace phiscope
