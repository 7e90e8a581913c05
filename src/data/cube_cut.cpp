#include "phiscope/data/cube_cut.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <vector>

namespace phiscope {
namespace {

std::int64_t wrapped(std::int64_t place, std::int64_t n) {
  const std::int64_t rest = place % n;
  return rest < 0 ? rest + n : rest;
}

std::int64_t stride_of(int axis, const ItemShape& shape) {
  return axis == 0 ? shape.extents[1] * shape.extents[2] : axis == 1 ? shape.extents[2] : 1;
}

/// (x − shift)·scale.
struct Affine {
  float shift, scale;
  float operator()(float value) const noexcept { return (value - shift) * scale; }
};

/// Where each place of an axis lies in the item.
std::vector<std::int64_t> offsets_of(const AxisWalk& walk, const ItemShape& shape) {
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(walk.count));
  const std::int64_t stride = stride_of(walk.axis, shape), n = shape.extents[static_cast<std::size_t>(walk.axis)];
  std::int64_t place = wrapped(walk.first, n);
  for (auto& offset : offsets) {
    offset = place * stride;
    place = wrapped(place + walk.step, n);
  }
  return offsets;
}

/// The channel of the run that becomes channel `c` of the box, and its sign.
struct Component {
  std::int64_t channel;
  float sign;
};

Component component_of(const ItemShape& shape, const CubeCut& cut, std::int64_t c) {
  if (!shape.vector_channels) return {c, 1.0F};
  const AxisWalk& along = cut[static_cast<std::size_t>(c % 3)];
  return {c - c % 3 + along.axis, along.step < 0 ? -1.0F : 1.0F};
}

/// A row along the axis in which the cube is contiguous: at most two stretches, one on each side of the boundary.
void move_row(const float* row, const AxisWalk& walk, std::int64_t n, Affine affine, float* out) {
  const std::int64_t first = wrapped(walk.first, n);
  if (walk.step > 0) {
    const std::int64_t head = std::min(walk.count, n - first);
    for (std::int64_t p = 0; p < head; ++p) out[p] = affine(row[first + p]);
    for (std::int64_t p = head; p < walk.count; ++p) out[p] = affine(row[first + p - n]);
  } else {
    const std::int64_t head = std::min(walk.count, first + 1);
    for (std::int64_t p = 0; p < head; ++p) out[p] = affine(row[first - p]);
    for (std::int64_t p = head; p < walk.count; ++p) out[p] = affine(row[first - p + n]);
  }
}

/// A plane whose rows are not contiguous in the cube, in tiles: where its columns are, each cache line that is fetched
/// is used up before it is given up, though lines a power of two apart crowd the same places of the cache.
void move_plane(const float* cube, const std::vector<std::int64_t>& rows, const std::vector<std::int64_t>& columns,
                std::int64_t row_stride, Affine affine, float* out) {
  constexpr std::size_t tall = 16, wide = 8;
  for (std::size_t top = 0; top < rows.size(); top += tall)
    for (std::size_t left = 0; left < columns.size(); left += wide)
      for (std::size_t i = top; i < std::min(rows.size(), top + tall); ++i) {
        float* const to = out + static_cast<std::int64_t>(i) * row_stride;
        for (std::size_t j = left; j < std::min(columns.size(), left + wide); ++j)
          to[j] = affine(cube[rows[i] + columns[j]]);
      }
}

/// One channel.
void move_box(const float* cube, std::int64_t row_length, const CubeCut& cut,
              const std::array<std::vector<std::int64_t>, 3>& offsets, Affine affine, float* out) {
  const auto& [outer, middle, inner] = offsets;
  const std::int64_t row = cut[2].count, plane = cut[1].count * row;
  if (cut[2].axis == 2) {
    for (std::size_t i = 0; i < outer.size(); ++i)
      for (std::size_t j = 0; j < middle.size(); ++j)
        move_row(cube + outer[i] + middle[j], cut[2], row_length, affine,
                 out + static_cast<std::int64_t>(i) * plane + static_cast<std::int64_t>(j) * row);
  } else if (cut[0].axis == 2 && cut[0].count > 1) {
    for (std::size_t j = 0; j < middle.size(); ++j)
      move_plane(cube + middle[j], outer, inner, plane, affine, out + static_cast<std::int64_t>(j) * row);
  } else {
    for (std::size_t i = 0; i < outer.size(); ++i)
      move_plane(cube + outer[i], middle, inner, row, affine, out + static_cast<std::int64_t>(i) * plane);
  }
}

}  // namespace

CubeCut whole_item(const ItemShape& shape) {
  return {AxisWalk{0, 0, 1, shape.extents[0]}, AxisWalk{1, 0, 1, shape.extents[1]},
          AxisWalk{2, 0, 1, shape.extents[2]}};
}

CubeCut whole_cube(std::int64_t n) {
  return whole_item(ItemShape::cube(1, n));
}

CubeCut slice_of_cube(std::int64_t n, int axis, std::int64_t index) {
  return {AxisWalk{axis, index, 1, 1}, AxisWalk{axis == 0 ? 1 : 0, 0, 1, n}, AxisWalk{axis == 2 ? 1 : 2, 0, 1, n}};
}

std::int64_t cut_values(const ItemShape& shape, const CubeCut& cut) {
  return shape.input_channels() * cut[0].count * cut[1].count * cut[2].count;
}

std::int64_t cut_target_values(const ItemShape& shape, const CubeCut& cut) {
  return shape.target_channels * cut[0].count * cut[1].count * cut[2].count;
}

namespace {

/// Channels from `first` on, as many as `out` holds.
void cut_channels(std::span<const float> run, const ItemShape& shape, const CubeCut& cut,
                  const Normalisation& normalisation, std::int64_t first, std::span<float> out) {
  assert(run.size() == shape.values());
  assert(!shape.vector_channels || shape.channels % 3 == 0);
  const std::array offsets{offsets_of(cut[0], shape), offsets_of(cut[1], shape), offsets_of(cut[2], shape)};
  const std::int64_t box = cut[0].count * cut[1].count * cut[2].count;
  const std::int64_t channels = static_cast<std::int64_t>(out.size()) / box;
  for (std::int64_t c = 0; c < channels; ++c) {
    const auto [channel, sign] = component_of(shape, cut, first + c);
    const auto place = static_cast<std::size_t>(channel);
    const Affine affine{static_cast<float>(normalisation.mean[place]),
                        sign * static_cast<float>(1.0 / normalisation.standard_deviation[place])};
    move_box(run.data() + channel * shape.cells(), shape.extents[2], cut, offsets, affine, out.data() + c * box);
  }
}

}  // namespace

void cut_box(std::span<const float> run, const ItemShape& shape, const CubeCut& cut, const Normalisation& normalisation,
             std::span<float> out) {
  assert(out.size() == static_cast<std::size_t>(cut_values(shape, cut)));
  cut_channels(run, shape, cut, normalisation, 0, out);
}

void cut_target(std::span<const float> run, const ItemShape& shape, const CubeCut& cut,
                const Normalisation& normalisation, std::span<float> out) {
  assert(out.size() == static_cast<std::size_t>(cut_target_values(shape, cut)));
  cut_channels(run, shape, cut, normalisation, shape.input_channels(), out);
}

void add_box(std::span<const float> box, const ItemShape& shape, const CubeCut& cut, std::span<float> run) {
  assert(run.size() == shape.values());
  assert(box.size() == static_cast<std::size_t>(cut_values(shape, cut)));
  const std::array offsets{offsets_of(cut[0], shape), offsets_of(cut[1], shape), offsets_of(cut[2], shape)};
  const float* from = box.data();
  for (std::int64_t c = 0; c < shape.input_channels(); ++c) {
    const auto [channel, sign] = component_of(shape, cut, c);
    float* const cube = run.data() + channel * shape.cells();
    for (const std::int64_t i : offsets[0])
      for (const std::int64_t j : offsets[1])
        for (const std::int64_t k : offsets[2]) cube[i + j + k] += sign * *from++;
  }
}

}  // namespace phiscope
