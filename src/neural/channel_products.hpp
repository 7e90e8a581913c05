#pragma once
#include <algorithm>
#include <cstdint>

#include "lanes.hpp"
#include "tile_plan.hpp"

namespace phiscope::neural {

/// Rows of channels, for one or several independent products: [product][group][row][block]. Products are an odd number
/// of cache lines apart: a multiple of a page would let them compete for the same sets of the cache.
struct RowsLayout {
  std::int64_t products, groups, rows, block;

  std::int64_t group_stride() const { return rows * block; }
  std::int64_t product_stride() const { return groups * group_stride() + 16; }
  std::int64_t size() const { return products * product_stride(); }
};

/// How many groups of outputs one sweep over the channels serves.
inline std::int64_t panel_width(std::int64_t groups) {
  return groups % 2 == 0 ? 2 : 1;
}

/// What a product reads: for every tap, rows of channels; and the weights of one panel, [tap][channel][width × block].
struct ProductInput {
  const float* rows;
  std::int64_t groups, group_stride;
  std::int64_t taps, tap_stride;
  const float* panel;
  /// The next panel follows this one and comes from memory: it is fetched while this one is multiplied.
  bool fetches_next = false;
};

/// result[row][output] = Σ over taps and channels of value[row][channel] · weight[channel][output] for `Rows` rows and
/// `Width` groups of outputs, all in registers.
template <int Block, int Rows, int Width, bool FetchesNext>
void multiply_rows(const ProductInput& in, std::int64_t first_row, float* result, std::int64_t result_stride) {
  Lanes<Block> sums[Rows][Width] = {};
  const float* weights = in.panel;
  const std::int64_t panel_size = in.taps * in.groups * Block * Width * Block;
  for (std::int64_t tap = 0; tap < in.taps; ++tap) {
    for (std::int64_t group = 0; group < in.groups; ++group) {
      const float* const values = in.rows + first_row * Block + tap * in.tap_stride + group * in.group_stride;
      for (std::int64_t channel = 0; channel < Block; ++channel) {
        Lanes<Block> w[Width];
        for (std::int64_t v = 0; v < Width; ++v) {
          w[v] = lanes<Block>(weights + v * Block);
          if constexpr (FetchesNext) __builtin_prefetch(weights + panel_size + v * Block, 0, 2);
        }
        for (std::int64_t r = 0; r < Rows; ++r) {
          const float value = values[r * Block + channel];
          for (std::int64_t v = 0; v < Width; ++v) sums[r][v] += value * w[v];
        }
        weights += Width * Block;
      }
    }
  }
  for (std::int64_t v = 0; v < Width; ++v) {
    for (std::int64_t r = 0; r < Rows; ++r)
      lanes<Block>(result + v * result_stride + (first_row + r) * Block) = sums[r][v];
  }
}

/// The same for any number of rows, rounded up to whole units of TilePlan.
template <int Block>
void multiply_panel(const ProductInput& in, std::int64_t width, std::int64_t rows, float* result,
                    std::int64_t result_stride) {
  const auto sweep = [&](auto constant, auto fetches) {
    constexpr int w = decltype(constant)::value;
    constexpr bool f = decltype(fetches)::value;
    constexpr int most = Block == 16 ? 12 : 4;
    std::int64_t row = 0;
    for (; row + most <= rows; row += most) multiply_rows<Block, most, w, f>(in, row, result, result_stride);
    if constexpr (most > 8) {
      for (; row + 8 <= rows; row += 8) multiply_rows<Block, 8, w, f>(in, row, result, result_stride);
    }
    for (; row < rows; row += TilePlan::row_unit) multiply_rows<Block, 4, w, f>(in, row, result, result_stride);
  };
  const auto with_width = [&](auto constant) {
    if (in.fetches_next) {
      sweep(constant, std::true_type{});
    } else {
      sweep(constant, std::false_type{});
    }
  };
  if (width == 2) {
    with_width(std::integral_constant<int, 2>{});
  } else {
    with_width(std::integral_constant<int, 1>{});
  }
}

/// sums[channel][output] (+)= Σ over rows of value[row][channel] · gradient[row][output] for `Channels` channels and
/// `Width` groups of outputs, all in registers.
template <int Block, int Channels, int Width>
void multiply_channels(const float* values, const float* gradients, std::int64_t gradient_stride, std::int64_t rows,
                       float* target, std::int64_t target_stride, bool add) {
  Lanes<Block> sums[Channels][Width] = {};
  for (std::int64_t row = 0; row < rows; ++row) {
    Lanes<Block> g[Width];
    for (std::int64_t v = 0; v < Width; ++v) g[v] = lanes<Block>(gradients + v * gradient_stride + row * Block);
    for (std::int64_t c = 0; c < Channels; ++c) {
      const float value = values[row * Block + c];
      for (std::int64_t v = 0; v < Width; ++v) sums[c][v] += value * g[v];
    }
  }
  for (std::int64_t c = 0; c < Channels; ++c) {
    for (std::int64_t v = 0; v < Width; ++v) {
      Lanes<Block>& place = lanes<Block>(target + c * target_stride + v * Block);
      place = add ? place + sums[c][v] : sums[c][v];
    }
  }
}

/// The same for one group of channels and all groups of outputs.
template <int Block>
void multiply_group(const float* values, const float* gradients, std::int64_t gradient_stride, std::int64_t rows,
                    std::int64_t output_groups, float* target, bool add) {
  constexpr int channels = Block == 16 ? 8 : 4;
  const std::int64_t stride = output_groups * Block;
  const std::int64_t width = panel_width(output_groups);
  for (std::int64_t group = 0; group < output_groups; group += width) {
    const float* const panel = gradients + group * gradient_stride;
    float* const place = target + group * Block;
    if (width == 2) {
      for (std::int64_t c = 0; c < Block; c += channels) {
        multiply_channels<Block, channels, 2>(values + c, panel, gradient_stride, rows, place + c * stride, stride,
                                              add);
      }
    } else {
      for (std::int64_t c = 0; c < Block; c += 2 * channels) {
        multiply_channels<Block, 2 * channels, 1>(values + c, panel, gradient_stride, rows, place + c * stride, stride,
                                                  add);
      }
    }
  }
}

/// Turns a square of weights, rows of input channels, into rows of output channels.
template <int Block>
void turn_weights(const float* weights, std::int64_t stride, float (&turned)[Block][Block]) {
  for (std::int64_t i = 0; i < Block; ++i) {
    for (std::int64_t o = 0; o < Block; ++o) turned[o][i] = weights[i * stride + o];
  }
}

}  // namespace phiscope::neural
