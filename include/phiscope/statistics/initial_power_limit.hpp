#pragma once
#include <cstdint>

#include "phiscope/grid/grid_shape.hpp"

namespace phiscope {

/// (n/2 − 1) k_F in h/Mpc: gevolution's initial conditions have power in modes |n| < n/2 − 1 only. Beyond, P falls by
/// a factor of 10⁶, and ratios of spectra mean nothing.
inline double initial_power_limit(const GridShape& shape) noexcept {
  const std::int64_t last = shape.n / 2 - 1;
  return static_cast<double>(last) * shape.fundamental();
}

}  // namespace phiscope
