#pragma once
#include <array>
#include <cstdint>

#include "phiscope/base/random.hpp"
#include "phiscope/data/cube_cut.hpp"

namespace phiscope {

/// A symmetry of a periodic square or cube: one of the 8 flips and right-angle turns of the square or the 48 of the
/// cube, then a periodic roll. The parts act in the order in which they are named.
struct GridSymmetry {
  std::array<std::size_t, 3> axes{0, 1, 2};  ///< axis a of the result runs along axis axes[a] of what is moved
  std::array<bool, 3> reversed{};            ///< place i → count − 1 − i along axis a of the result
  std::array<std::int64_t, 3> roll{};        ///< place i → i + roll, modulo the period, as numpy.roll; any sign

  /// One of the 8 (flips_and_turns) or n² (rolls) or 8n² symmetries of the last two axes, each as likely; the identity
  /// when neither is wanted.
  static GridSymmetry draw_of_square(RandomStream& random, std::int64_t n, bool flips_and_turns, bool rolls);
  /// One of the 48 or n³ or 48n³ of all three axes.
  static GridSymmetry draw_of_cube(RandomStream& random, std::int64_t n, bool flips_and_turns, bool rolls);

  /// The cut that gives the moved box. Axes that change places must be equally long; what is rolled must be a whole
  /// period.
  CubeCut applied_to(const CubeCut& cut) const;
};

}  // namespace phiscope
