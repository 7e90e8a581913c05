#pragma once
#include <cstdint>

#include "phiscope/grid/grid_shape.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// How the planes of a cube are shared out over a team: contiguous blocks of ceil(n/ranks) planes of the first axis
/// (FFTW-MPI's blocks), so that the last ranks may hold fewer planes or none.
///
/// After a forward transform a team of several ranks shares out the *second* axis instead, in equal blocks (transposed
/// order, which saves one exchange of the whole cube per transform); a team of one rank keeps the natural order.
class SlabLayout {
 public:
  /// Local: makes no MPI call. Throws Error unless n ≥ 1 and the box size is positive and finite.
  SlabLayout(GridShape shape, Communicator team);

  const GridShape& shape() const noexcept { return shape_; }
  const Communicator& team() const noexcept { return team_; }

  /// The first plane of the first axis that this rank holds, and how many (0 on an empty rank).
  std::int64_t first_plane() const noexcept { return first_plane_; }
  std::int64_t planes() const noexcept { return planes_; }
  /// Cells of this rank: planes × n × n.
  std::int64_t local_cells() const noexcept { return planes_ * shape_.n * shape_.n; }
  /// The first plane of rank `rank`; n for an empty rank, and for rank = team().size().
  std::int64_t first_plane_of(int rank) const noexcept;
  /// The rank that holds plane `plane` of the first axis.
  int owner(std::int64_t plane) const noexcept;

  /// Whether spectral coefficients are stored as [axis 1][axis 0][half of axis 2] instead of [0][1][2].
  bool transposed() const noexcept { return team_.size() > 1; }
  /// The first index of the outer spectral axis that this rank holds, and how many.
  std::int64_t first_spectral_plane() const noexcept { return first_plane_; }
  std::int64_t spectral_planes() const noexcept { return planes_; }

  /// Complex values that this rank must allocate: what it holds, but at least 1.
  std::int64_t allocation() const noexcept;
  /// Real values from the start of one row to the next: 2 (n/2 + 1).
  std::int64_t row_stride() const noexcept { return 2 * shape_.half(); }

 private:
  GridShape shape_;
  Communicator team_;
  std::int64_t first_plane_ = 0;
  std::int64_t planes_ = 0;
};

}  // namespace phiscope
