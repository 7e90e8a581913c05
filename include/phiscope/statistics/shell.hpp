#pragma once
#include <compare>
#include <cstdint>

#include "phiscope/grid/grid_shape.hpp"

namespace phiscope {

/// A spherical shell of modes, low ≤ |n|² < high with integer |n|² (n in units of k_F), so that no rounding decides
/// which modes are in it. low = 0 contains the mode k = 0.
struct Shell {
  std::int64_t low = 1;
  std::int64_t high = 1;

  /// The modes with low_edge ≤ |n| < high_edge, both in units of k_F, without k = 0. A squared edge within 1e-9
  /// (relative) of an integer is taken for it.
  static Shell between(double low_edge, double high_edge);
  /// Pylians3's shell about `k` (h/Mpc): (k − k_F)/k_F ≤ |n| < (k + k_F)/k_F, compared in double as Pylians compares
  /// it, with k = 0 inside when k ≤ k_F.
  static Shell pylians(const GridShape& shape, double k);

  bool contains(std::int64_t squared) const noexcept { return low <= squared && squared < high; }
  bool empty() const noexcept { return low >= high; }
  /// The largest component, and so the largest |n| rounded down, that a mode of the shell can have.
  std::int64_t reach() const noexcept;

  auto operator<=>(const Shell&) const = default;
};

}  // namespace phiscope
