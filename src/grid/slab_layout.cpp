#include "phiscope/grid/slab_layout.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

/// Squares of |n| and FFTW's plans count in int.
constexpr std::int64_t largest_n = 32768;

GridShape checked(GridShape shape) {
  if (shape.n < 1 || shape.n > largest_n)
    fail("a cube has {} cells along an axis, expected 1 to {}", shape.n, largest_n);
  if (!(shape.box_size > 0.0) || !std::isfinite(shape.box_size))
    fail("the box size is {} Mpc/h, expected a positive number", shape.box_size);
  return shape;
}

/// Planes of a rank that is neither the last one with planes nor empty.
std::int64_t block(const GridShape& shape, const Communicator& team) {
  return (shape.n + team.size() - 1) / team.size();
}

}  // namespace

SlabLayout::SlabLayout(GridShape shape, Communicator team)
    : shape_(checked(shape)),
      team_(std::move(team)),
      first_plane_(first_plane_of(team_.rank())),
      planes_(first_plane_of(team_.rank() + 1) - first_plane_) {}

std::int64_t SlabLayout::first_plane_of(int rank) const noexcept {
  return std::min(rank * block(shape_, team_), shape_.n);
}

int SlabLayout::owner(std::int64_t plane) const noexcept {
  return static_cast<int>(plane / block(shape_, team_));
}

std::int64_t SlabLayout::allocation() const noexcept {
  return std::max<std::int64_t>(planes_ * shape_.n * shape_.half(), 1);
}

}  // namespace phiscope
