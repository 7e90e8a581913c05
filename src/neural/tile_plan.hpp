#pragma once
#include <algorithm>
#include <cstdint>

#include "tensor_layout.hpp"

namespace phiscope::neural {

/// Where the tiles of a tensor lie, `step` points along each extent of a plane. The images of a batch are the planes of
/// one volume; each volume of a batch is one of its own, and `plane_step` of its planes go to one plane of tiles.
struct TileGrid {
  std::int64_t volumes, planes, tiles_y, tiles_x;
  std::int64_t volume_stride, group_stride, plane_stride, row_stride;
  std::int64_t tile_stride_y, tile_stride_x;
  std::int64_t first;  ///< of the first tile
  Precision precision;

  /// Tiles start at the first point, or, `from_halo`, at the corner of a halo one point wide.
  TileGrid(const TensorLayout& layout, std::int64_t step, std::int64_t plane_step, bool from_halo) {
    const bool images = layout.rank() == 2;
    const std::int64_t sample = layout.groups() * layout.image_size();
    const auto [depth, height, width] = layout.extents();
    volumes = images ? 1 : layout.batch();
    planes = images ? layout.batch() : depth / plane_step;
    tiles_y = height / step;
    tiles_x = width / step;
    volume_stride = images ? 0 : sample;
    group_stride = layout.image_size();
    plane_stride = images ? sample : layout.stored()[1] * layout.row_size();
    row_stride = layout.row_size();
    tile_stride_y = step * row_stride;
    tile_stride_x = step * layout.block();
    first = layout.row(0, 0);
    precision = layout.precision();
    if (from_halo) first -= row_stride + layout.block() + (images ? 0 : plane_stride);
  }
  std::int64_t tiles() const { return tiles_y * tiles_x; }
  /// Where the tile with this number starts in its plane.
  std::int64_t tile(std::int64_t number) const {
    return number / tiles_x * tile_stride_y + number % tiles_x * tile_stride_x;
  }
};

/// A share of the work: some tiles of some planes of one volume. Its rows are (plane, tile).
struct Portion {
  std::int64_t number, volume, first_plane, planes, first_tile, tiles;

  std::int64_t rows() const { return planes * tiles; }
};

/// How the tiles of a grid are cut into portions of about `rows` rows. Does not depend on the number of threads.
class TilePlan {
 public:
  /// Rows of products are formed in multiples of this.
  static constexpr std::int64_t row_unit = 4;

  TilePlan(const TileGrid& grid, std::int64_t rows)
      : volumes_(grid.volumes), all_tiles_(grid.tiles()), all_planes_(grid.planes) {
    tiles_ = even_share(all_tiles_, rows);
    planes_ = even_share(all_planes_, std::max<std::int64_t>(1, rows / tiles_));
    tile_parts_ = parts(all_tiles_, tiles_);
    plane_parts_ = parts(all_planes_, planes_);
  }

  std::int64_t count() const { return volumes_ * plane_parts_ * tile_parts_; }
  Portion operator[](std::int64_t i) const {
    const std::int64_t first_tile = i % tile_parts_ * tiles_;
    const std::int64_t first_plane = i / tile_parts_ % plane_parts_ * planes_;
    return {i,           i / tile_parts_ / plane_parts_,
            first_plane, std::min(planes_, all_planes_ - first_plane),
            first_tile,  std::min(tiles_, all_tiles_ - first_tile)};
  }
  /// Tiles of one plane of a portion, at most.
  std::int64_t tiles() const { return tiles_; }
  /// Rows of a portion, at most, in whole units.
  std::int64_t rows() const { return whole_units(tiles_ * planes_); }

  static std::int64_t whole_units(std::int64_t rows) { return (rows + row_unit - 1) / row_unit * row_unit; }

 private:
  static std::int64_t parts(std::int64_t all, std::int64_t share) { return (all + share - 1) / share; }
  static std::int64_t even_share(std::int64_t all, std::int64_t most) { return parts(all, parts(all, most)); }

  std::int64_t volumes_, all_tiles_, all_planes_;
  std::int64_t tiles_, planes_, tile_parts_, plane_parts_;
};

/// Small sums over portions are kept in several strands, each of some of the portions and each a thread's own work;
/// then they are added in order. How many strands does not depend on the number of threads.
inline std::int64_t strand_count(std::int64_t sums, std::int64_t portions) {
  if (sums > 300000 || portions == 1) return 1;
  return std::min<std::int64_t>(sums > 40000 ? 8 : 16, portions);
}

/// total = the sum of all strands, `stride` apart, in their order. May be the first strand itself.
inline void add_strands(const float* sums, std::int64_t stride, std::int64_t strands, std::int64_t count,
                        float* total) {
  if (total != sums) std::copy_n(sums, count, total);
  for (std::int64_t strand = 1; strand < strands; ++strand) {
    const float* const term = sums + strand * stride;
    for (std::int64_t i = 0; i < count; ++i) total[i] += term[i];
  }
}

/// The threads that work on one portion together, seen from one of them inside a parallel region.
struct Team {
  int me, size;

  void wait() const {
    if (size > 1) {
#pragma omp barrier
    }
  }
  std::int64_t begin(std::int64_t count) const {
    return count * me / size;
  }
  std::int64_t end(std::int64_t count) const {
    return count * (me + 1) / size;
  }
};

}  // namespace phiscope::neural
