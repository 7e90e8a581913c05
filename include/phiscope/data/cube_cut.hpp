#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "phiscope/data/item_source.hpp"
#include "phiscope/data/normalisation.hpp"

namespace phiscope {

/// One axis of a cut: its place number p is the place first + step·p, modulo the extent, along data axis `axis`.
struct AxisWalk {
  int axis = 0;
  std::int64_t first = 0;
  std::int64_t step = 1;  ///< 1 or −1
  std::int64_t count = 1;
  bool operator==(const AxisWalk&) const = default;
};

/// A box out of a periodic item with its axes in any order and direction: what a slice (a box one cell thick), a
/// sub-cube, and a turned, reflected or rolled cube have in common. Each data axis occurs once.
using CubeCut = std::array<AxisWalk, 3>;

/// The whole of an item as it lies: a row, a map, a cube.
CubeCut whole_item(const ItemShape& shape);
/// The whole cube as it lies.
CubeCut whole_cube(std::int64_t n);
/// The slice normal to data axis `axis` at place `index`: the axes are (normal, the other two in ascending order).
CubeCut slice_of_cube(std::int64_t n, int axis, std::int64_t index);

/// Input channels × counts, and those of the target.
std::int64_t cut_values(const ItemShape& shape, const CubeCut& cut);
std::int64_t cut_target_values(const ItemShape& shape, const CubeCut& cut);

/// Cuts a box out of the values of a run and normalises it, in one pass: input channels × cut[0].count × cut[1].count ×
/// cut[2].count values. The components of a vector field turn with the box: those of `out` are along the axes of the
/// cut, in their order, with the sign of their direction. `out` must not overlap `run`.
void cut_box(std::span<const float> run, const ItemShape& shape, const CubeCut& cut, const Normalisation& normalisation,
             std::span<float> out);

/// The same of the target's channels.
void cut_target(std::span<const float> run, const ItemShape& shape, const CubeCut& cut,
                const Normalisation& normalisation, std::span<float> out);

/// Adds a box of input channels back where it was cut: the adjoint of cutting without normalisation, Σ cut(x)·y = Σ
/// x·add(y).
void add_box(std::span<const float> box, const ItemShape& shape, const CubeCut& cut, std::span<float> run);

}  // namespace phiscope
