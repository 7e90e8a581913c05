#pragma once
#include <algorithm>
#include <cstdint>

#include "channel_moments.hpp"
#include "channel_products.hpp"
#include "channel_view.hpp"
#include "stored_values.hpp"
#include "tile_plan.hpp"
#include "winograd_transforms.hpp"

namespace phiscope::neural::winograd {

// Between tensors and the values at the points of Winograd's transforms, tile by tile.

/// The second half of a transform to the points: column after column of what the first half left. Point (y, x) lies
/// (6 y + x) strides from the first.
template <int Block, int Rows, class Transform>
void columns_to_points(const Lanes<Block> (&half)[Rows][6], const Transform& transform, float* target,
                       std::int64_t stride) {
  for (std::int64_t x = 0; x < 6; ++x) {
    Lanes<Block> column[Rows];
    Lanes<Block> points[6];
    for (std::int64_t y = 0; y < Rows; ++y) column[y] = half[y][x];
    transform(column, points);
    for (std::int64_t y = 0; y < 6; ++y) lanes<Block>(target + (y * 6 + x) * stride) = points[y];
  }
}

/// The first half of a transform from the points: line after line.
template <int Block, int Columns, class Transform>
void lines_from_points(const float* source, std::int64_t stride, const Transform& transform,
                       Lanes<Block> (&half)[6][Columns]) {
  for (std::int64_t y = 0; y < 6; ++y) {
    Lanes<Block> line[6];
    for (std::int64_t x = 0; x < 6; ++x) line[x] = lanes<Block>(source + (y * 6 + x) * stride);
    transform(line, half[y]);
  }
}

/// The patches of one group of channels, rows `begin` to `end` of those of a portion, to the points.
template <int Block, class Value, class View>
void scatter_group(const TileGrid& grid, const Value* tensor, const View& see, const Portion& portion,
                   std::int64_t begin, std::int64_t end, std::int64_t stride, float* target) {
  for (std::int64_t row = begin; row < end; ++row) {
    const Value* const corner = tensor + (portion.first_plane + row / portion.tiles) * grid.plane_stride +
                                grid.tile(portion.first_tile + row % portion.tiles);
    Lanes<Block> half[6][6];
    for (std::int64_t y = 0; y < 6; ++y) {
      Lanes<Block> line[6];
      for (std::int64_t x = 0; x < 6; ++x) line[x] = see(load_lanes<Block>(corner + y * grid.row_stride + x * Block));
      transform_input(line, half[y]);
    }
    columns_to_points<Block>(
        half, [](const auto& from, auto& to) { transform_input(from, to); }, target + row * Block, stride);
  }
}

/// The patches of a portion, and of the `planes` planes that its kernel reaches, to the points.
template <int Block>
void scatter_patches(const TileGrid& grid, const float* tensor, const ChannelView* view, const Portion& portion,
                     std::int64_t planes, const RowsLayout& layout, float* points, const Team& team) {
  const std::int64_t rows = planes * portion.tiles;
  const std::int64_t count = layout.groups * rows;
  const std::int64_t stride = layout.product_stride();
  with_values(grid.precision, tensor, [&](const auto* values) {
    std::int64_t end = 0;
    for (std::int64_t begin = team.begin(count); begin < team.end(count); begin = end) {
      const std::int64_t group = begin / rows;
      end = std::min(team.end(count), (group + 1) * rows);
      const auto* const place = values + grid.first + portion.volume * grid.volume_stride + group * grid.group_stride;
      with_view<Block>(view, group, [&](const auto& see) {
        scatter_group<Block>(grid, place, see, portion, begin - group * rows, end - group * rows, stride,
                             points + group * layout.group_stride());
      });
    }
  });
  // The last unit of rows may be incomplete; whatever an earlier portion left there might be slow to compute with.
  if (team.me == team.size - 1) {
    for (std::int64_t group = 0; group < layout.groups; ++group) {
      for (std::int64_t p = 0; p < products; ++p) {
        float* const place = points + p * stride + group * layout.group_stride();
        std::fill(place + rows * Block, place + layout.rows * Block, 0.0F);
      }
    }
  }
}

/// The gradients of a portion's outputs to the points.
template <int Block, class Value>
void scatter_gradients(const TileGrid& grid, const Value* tensor, const Portion& portion, const RowsLayout& layout,
                       float* points, const Team& team) {
  const std::int64_t count = layout.groups * portion.rows();
  const std::int64_t stride = layout.product_stride();
  for (std::int64_t i = team.begin(count); i < team.end(count); ++i) {
    const std::int64_t group = i / portion.rows();
    const std::int64_t row = i % portion.rows();
    const Value* const corner = tensor + grid.first + portion.volume * grid.volume_stride + group * grid.group_stride +
                                (portion.first_plane + row / portion.tiles) * grid.plane_stride +
                                grid.tile(portion.first_tile + row % portion.tiles);
    Lanes<Block> half[4][6];
    for (std::int64_t y = 0; y < 4; ++y) {
      Lanes<Block> line[4];
      for (std::int64_t x = 0; x < 4; ++x) line[x] = load_lanes<Block>(corner + y * grid.row_stride + x * Block);
      transform_output_gradient(line, half[y]);
    }
    columns_to_points<Block>(
        half, [](const auto& from, auto& to) { transform_output_gradient(from, to); },
        points + group * layout.group_stride() + row * Block, stride);
  }
}

/// The products of a portion to outputs, group by group.
template <int Block, class Value>
void gather_outputs(const RowsLayout& layout, const float* points, const Portion& portion, const float* bias,
                    ChannelMoments* moments, const TileGrid& grid, Value* tensor, const Team& team) {
  const std::int64_t stride = layout.product_stride();
  for (std::int64_t group = team.begin(layout.groups); group < team.end(layout.groups); ++group) {
    const Lanes<Block> shift = bias != nullptr ? lanes_from<Block>(bias + group * Block) : Lanes<Block>{};
    const float* const source = points + group * layout.group_stride();
    Value* const place = tensor + grid.first + portion.volume * grid.volume_stride + group * grid.group_stride;
    ChannelMoments::Sum<Block> output_sum{Lanes<Block>{}};
    for (std::int64_t row = 0; row < portion.rows(); ++row) {
      Lanes<Block> half[6][4];
      lines_from_points<Block>(
          source + row * Block, stride, [](const auto& from, auto& to) { transform_output(from, to); }, half);
      Value* const corner = place + (portion.first_plane + row / portion.tiles) * grid.plane_stride +
                            grid.tile(portion.first_tile + row % portion.tiles);
      Lanes<Block> outputs[4][4];
      for (std::int64_t x = 0; x < 4; ++x) {
        Lanes<Block> column[6];
        for (std::int64_t y = 0; y < 6; ++y) column[y] = half[y][x];
        transform_output(column, outputs[x]);
        for (std::int64_t y = 0; y < 4; ++y) {
          outputs[x][y] += shift;
          store_lanes<Block>(corner + y * grid.row_stride + x * Block, outputs[x][y]);
        }
      }
      if (moments != nullptr) {
        if (row == 0) output_sum = ChannelMoments::Sum<Block>(outputs[0][0]);
        for (const auto& column : outputs) {
          for (const auto& value : column) output_sum.add(value);
        }
        if (row % 4 == 3) output_sum.carry();
      }
    }
    if (moments != nullptr) {
      output_sum.carry();
      moments->set(portion.number, group, portion.rows() * tile * tile, output_sum);
    }
  }
}

/// Writes the 36 points of the weights of one channel and one group of outputs.
template <int Block>
void write_points(const Lanes<Block> (&w)[3][3], float* target, std::int64_t point_stride) {
  Lanes<Block> half[3][6];
  for (std::int64_t y = 0; y < 3; ++y) transform_weights(w[y], half[y]);
  columns_to_points<Block>(
      half, [](const auto& from, auto& to) { transform_weights(from, to); }, target, point_stride);
}

/// The sums at the points of one channel and all outputs to the gradient of its weights.
template <int Block>
void gather_weights(const float* sums, std::int64_t point_stride, std::int64_t output_groups, float* weights_gradient,
                    std::int64_t kernel_stride) {
  for (std::int64_t group = 0; group < output_groups; ++group) {
    Lanes<Block> half[6][3];
    lines_from_points<Block>(
        sums + group * Block, point_stride, [](const auto& from, auto& to) { transform_weights_gradient(from, to); },
        half);
    for (std::int64_t x = 0; x < 3; ++x) {
      Lanes<Block> column[6];
      Lanes<Block> w[3];
      for (std::int64_t y = 0; y < 6; ++y) column[y] = half[y][x];
      transform_weights_gradient(column, w);
      for (std::int64_t y = 0; y < 3; ++y) {
        lanes<Block>(weights_gradient + (y * 3 + x) * kernel_stride + group * Block) = w[y];
      }
    }
  }
}

}  // namespace phiscope::neural::winograd
