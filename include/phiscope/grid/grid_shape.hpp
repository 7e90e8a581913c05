#pragma once
#include <cstdint>
#include <numbers>

namespace phiscope {

/// A periodic cube of n × n × n cells with a side of `box_size` Mpc/h.
struct GridShape {
  std::int64_t n = 0;
  double box_size = 0.0;

  /// k_F = 2π/L in h/Mpc: the wave number of the longest wave along an axis.
  double fundamental() const noexcept { return 2.0 * std::numbers::pi / box_size; }
  /// k_N = (n/2) k_F in h/Mpc.
  double nyquist() const noexcept { return 0.5 * static_cast<double>(n) * fundamental(); }
  std::int64_t cells() const noexcept { return n * n * n; }
  /// Coefficients that half-complex storage keeps along the last axis: n/2 + 1.
  std::int64_t half() const noexcept { return n / 2 + 1; }
  /// The signed wave number, in units of k_F, at place `index` (0 … n−1) of a transformed axis. The Nyquist component
  /// of an even n counts as +n/2.
  std::int64_t wave_number(std::int64_t index) const noexcept { return 2 * index <= n ? index : index - n; }
  /// The largest squared |n| of any mode: the corner of the transformed cube.
  std::int64_t largest_squared_mode() const noexcept { return 3 * (n / 2) * (n / 2); }

  bool operator==(const GridShape&) const = default;
};

}  // namespace phiscope
