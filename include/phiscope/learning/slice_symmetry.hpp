#pragma once
#include <cstdint>
#include <span>

#include "phiscope/base/random.hpp"

namespace phiscope {

/// A symmetry of a periodic square slice: one of the eight flips and right-angle turns of the square, then a periodic
/// roll. The parts act in the order in which they are named: transpose, flip_rows (reverses the order of the rows,
/// row i → n−1−i), flip_columns, then the rolls (row i → i + roll_rows mod n, as numpy.roll; any sign).
struct SliceSymmetry {
  bool transpose = false;
  bool flip_rows = false;
  bool flip_columns = false;
  std::int64_t roll_rows = 0;
  std::int64_t roll_columns = 0;

  /// One of the 8 (flips_and_turns) or n² (rolls) or 8n² elements, each as likely; the identity when neither is wanted.
  static SliceSymmetry draw(RandomStream& random, std::int64_t n, bool flips_and_turns, bool rolls);
};

/// Applies `symmetry` to `channels` planes of n×n values, row-major. `in` and `out` must not overlap.
///
/// Scalar channels are moved only. With `vector_channels` each three channels are the components (along the first axis
/// of the plane, along its second axis, normal to it) of a vector field, which turns with the plane: the first two
/// components swap on transposition, the one along a reversed axis changes its sign, the normal one is moved only.
/// `channels` must then be a multiple of three.
void apply(const SliceSymmetry& symmetry, std::int64_t n, std::int64_t channels, bool vector_channels,
           std::span<const float> in, std::span<float> out);

}  // namespace phiscope
