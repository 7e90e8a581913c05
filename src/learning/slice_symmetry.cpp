#include "phiscope/learning/slice_symmetry.hpp"

#include <algorithm>
#include <cassert>
#include <vector>

namespace phiscope {
namespace {

/// For each position along an axis of the result: where it comes from along the source axis, times that axis' stride.
std::vector<std::int64_t> source_offsets(std::int64_t n, bool flip, std::int64_t roll, std::int64_t stride) {
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(n));
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t unrolled = ((i - roll) % n + n) % n;
    offsets[static_cast<std::size_t>(i)] = stride * (flip ? n - 1 - unrolled : unrolled);
  }
  return offsets;
}

/// Moves one plane, in square tiles so that a transposition uses each cache line it fetches.
void move_plane(const std::vector<std::int64_t>& rows, const std::vector<std::int64_t>& columns, float sign,
                const float* __restrict in, float* __restrict out) {
  constexpr std::size_t tile = 16;
  const std::size_t n = rows.size();
  for (std::size_t row_begin = 0; row_begin < n; row_begin += tile) {
    for (std::size_t column_begin = 0; column_begin < n; column_begin += tile) {
      const std::size_t column_end = std::min(n, column_begin + tile);
      for (std::size_t i = row_begin; i < std::min(n, row_begin + tile); ++i)
        for (std::size_t j = column_begin; j < column_end; ++j) out[i * n + j] = sign * in[rows[i] + columns[j]];
    }
  }
}

/// The channel of `in` that becomes channel `c` of the result, and its sign.
struct Source {
  std::int64_t channel;
  float sign;
};

Source source_of(const SliceSymmetry& symmetry, bool vector_channels, std::int64_t c) {
  if (!vector_channels || c % 3 == 2) return {c, 1.0F};
  const bool along_rows = c % 3 == 0;
  const bool reversed = along_rows ? symmetry.flip_rows : symmetry.flip_columns;
  const std::int64_t swapped = along_rows ? c + 1 : c - 1;
  return {symmetry.transpose ? swapped : c, reversed ? -1.0F : 1.0F};
}

}  // namespace

SliceSymmetry SliceSymmetry::draw(RandomStream& random, std::int64_t n, bool flips_and_turns, bool rolls) {
  assert(n > 0);
  SliceSymmetry symmetry;
  if (flips_and_turns) {
    const std::uint64_t element = random.below(8);
    symmetry.transpose = (element & 1U) != 0;
    symmetry.flip_rows = (element & 2U) != 0;
    symmetry.flip_columns = (element & 4U) != 0;
  }
  if (rolls) {
    symmetry.roll_rows = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(n)));
    symmetry.roll_columns = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(n)));
  }
  return symmetry;
}

void apply(const SliceSymmetry& symmetry, std::int64_t n, std::int64_t channels, bool vector_channels,
           std::span<const float> in, std::span<float> out) {
  assert(!vector_channels || channels % 3 == 0);
  assert(in.size() == static_cast<std::size_t>(channels * n * n) && out.size() == in.size());
  const auto rows = source_offsets(n, symmetry.flip_rows, symmetry.roll_rows, symmetry.transpose ? 1 : n);
  const auto columns = source_offsets(n, symmetry.flip_columns, symmetry.roll_columns, symmetry.transpose ? n : 1);
  for (std::int64_t c = 0; c < channels; ++c) {
    const Source source = source_of(symmetry, vector_channels, c);
    move_plane(rows, columns, source.sign, in.data() + source.channel * n * n, out.data() + c * n * n);
  }
}

}  // namespace phiscope
