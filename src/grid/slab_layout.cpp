#include "phiscope/grid/slab_layout.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "fftw.hpp"
#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

/// Squares of |n| and FFTW's serial plans count in int.
constexpr std::int64_t largest_n = 32768;

GridShape checked(GridShape shape) {
  if (shape.n < 1 || shape.n > largest_n)
    fail("a cube has {} cells along an axis, expected 1 to {}", shape.n, largest_n);
  if (!(shape.box_size > 0.0) || !std::isfinite(shape.box_size))
    fail("the box size is {} Mpc/h, expected a positive number", shape.box_size);
  return shape;
}

std::int64_t block(const SlabLayout& layout) {
  return (layout.shape().n + layout.team().size() - 1) / layout.team().size();
}

}  // namespace

SlabLayout::SlabLayout(GridShape shape, Communicator team) : shape_(checked(shape)), team_(std::move(team)) {
  const std::int64_t n = shape_.n;
  if (team_.size() == 1) {
    planes_ = spectral_planes_ = n;
    allocation_ = n * n * shape_.half();
    return;
  }
  initialise_fftw_mpi();
  std::ptrdiff_t planes = 0, first = 0, spectral_planes = 0, spectral_first = 0;
  const std::ptrdiff_t allocation = fftw_mpi_local_size_3d_transposed(n, n, shape_.half(), team_.handle(), &planes,
                                                                      &first, &spectral_planes, &spectral_first);
  // FFTW says 0 for the start of an empty block.
  planes_ = planes;
  first_plane_ = planes > 0 ? first : n;
  spectral_planes_ = spectral_planes;
  first_spectral_plane_ = spectral_planes > 0 ? spectral_first : n;
  allocation_ = std::max<std::int64_t>(allocation, 1);
}

int SlabLayout::owner(std::int64_t plane) const noexcept {
  return static_cast<int>(plane / block(*this));
}

}  // namespace phiscope
