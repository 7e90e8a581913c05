#pragma once
#include <array>
#include <cmath>
#include <cstdint>

namespace phiscope {

/// How one coordinate of a particle is shared out over `order` neighbouring cells (1 NGP, 2 CIC, 3 TSC, 4 PCS): the
/// B-spline of that order, centred on the particle.
template <int order>
struct ParticleCloud {
  static_assert(order >= 1 && order <= 4);

  /// The first cell, which may lie outside of the grid: to be wrapped.
  std::int64_t first;
  std::array<double, order> weights;

  /// Of a coordinate in cells.
  explicit ParticleCloud(double u) noexcept {
    if constexpr (order == 1) {
      first = static_cast<std::int64_t>(std::floor(u + 0.5));
      weights = {1.0};
    } else if constexpr (order == 2) {
      const double below = std::floor(u), d = u - below;
      first = static_cast<std::int64_t>(below);
      weights = {1.0 - d, d};
    } else if constexpr (order == 3) {
      const double nearest = std::floor(u + 0.5), d = u - nearest;
      first = static_cast<std::int64_t>(nearest) - 1;
      weights = {0.5 * (0.5 - d) * (0.5 - d), 0.75 - d * d, 0.5 * (0.5 + d) * (0.5 + d)};
    } else {
      const double below = std::floor(u), d = u - below, e = 1.0 - d;
      first = static_cast<std::int64_t>(below) - 1;
      weights = {e * e * e / 6.0, (4.0 + d * d * (3.0 * d - 6.0)) / 6.0, (4.0 + e * e * (3.0 * e - 6.0)) / 6.0,
                 d * d * d / 6.0};
    }
  }
};

/// A cell of an axis of n, from −n to 2n.
inline std::int64_t wrapped_cell(std::int64_t cell, std::int64_t n) noexcept {
  return cell < 0 ? cell + n : cell >= n ? cell - n : cell;
}

}  // namespace phiscope
