#include "phiscope/data/grid_symmetry.hpp"

#include <cassert>

namespace phiscope {
namespace {

constexpr std::array<std::array<std::size_t, 3>, 6> orders_of_axes{
    {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}}};

std::int64_t draw_roll(RandomStream& random, std::int64_t n) {
  return static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(n)));
}

}  // namespace

GridSymmetry GridSymmetry::draw_of_square(RandomStream& random, std::int64_t n, bool flips_and_turns, bool rolls) {
  assert(n > 0);
  GridSymmetry symmetry;
  if (flips_and_turns) {
    const std::uint64_t element = random.below(8);
    symmetry.axes = orders_of_axes[element & 1U];
    symmetry.reversed = {false, (element & 2U) != 0, (element & 4U) != 0};
  }
  if (rolls)
    for (const std::size_t axis : {1U, 2U}) symmetry.roll[axis] = draw_roll(random, n);
  return symmetry;
}

GridSymmetry GridSymmetry::draw_of_cube(RandomStream& random, std::int64_t n, bool flips_and_turns, bool rolls) {
  assert(n > 0);
  GridSymmetry symmetry;
  if (flips_and_turns) {
    const std::uint64_t element = random.below(48);
    symmetry.axes = orders_of_axes[element / 8];
    symmetry.reversed = {(element & 1U) != 0, (element & 2U) != 0, (element & 4U) != 0};
  }
  if (rolls)
    for (auto& roll : symmetry.roll) roll = draw_roll(random, n);
  return symmetry;
}

CubeCut GridSymmetry::applied_to(const CubeCut& cut) const {
  CubeCut moved;
  for (std::size_t a = 0; a < 3; ++a) {
    AxisWalk walk = cut[axes[a]];
    assert(walk.count == cut[a].count);
    if (reversed[a]) {
      walk.first += walk.step * (walk.count - 1);
      walk.step = -walk.step;
    }
    walk.first -= walk.step * roll[a];
    moved[a] = walk;
  }
  return moved;
}

}  // namespace phiscope
