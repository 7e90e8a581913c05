#include "winograd_convolution.hpp"

#include <omp.h>

#include <algorithm>

#include "channel_products.hpp"
#include "stored_values.hpp"
#include "tile_plan.hpp"
#include "winograd_tiles.hpp"

namespace phiscope::neural {
namespace {

using winograd::gather_outputs;
using winograd::gather_weights;
using winograd::products;
using winograd::scatter_gradients;
using winograd::scatter_patches;
using winograd::tile;
using winograd::write_points;

/// Rows of a portion: few enough for its values at the points to stay in the second-level cache beside the weights.
std::int64_t portion_rows(std::int64_t channels) {
  return std::clamp<std::int64_t>((3072 / channels + 11) / 12 * 12, 24, 192);
}

/// More weights than this do not stay in one core's cache: all threads then work on a portion together, each with its
/// own part of the weights. Fewer are read by each thread for portions of its own.
constexpr std::int64_t private_weights = 200000;

/// The weights at the points are four times as many: with one tile a plane, reading them costs more than is won.
constexpr std::int64_t smallest_plane = 4 * tile * tile;

/// Layers whose patches and gradients at the points are no more floats than this, in all, form the gradient of their
/// weights from all tiles at once, a group of channels after the other: the sums at the points never leave the cache.
constexpr std::int64_t whole_size = std::int64_t{3} << 20U;

struct Portions {
  TileGrid patches, tiles;
  TilePlan plan;
  RowsLayout values, results;

  Portions(const TensorLayout& from, const TensorLayout& to, std::int64_t taps)
      : Portions(from, to, taps, portion_rows(std::max(from.padded_channels(), to.padded_channels()))) {}

  Portions(const TensorLayout& from, const TensorLayout& to, std::int64_t taps, std::int64_t rows)
      : patches(from, tile, 1, true),
        tiles(to, tile, 1, false),
        plan(tiles, rows),
        values{products, from.groups(), plan.rows() + (taps - 1) * plan.tiles(), from.block()},
        results{products, to.groups(), plan.rows(), to.block()} {}
};

}  // namespace

bool WinogradConvolution::suits(const SampleShape& input, const ConvolutionSettings& settings) {
  const std::size_t rank = input.extents.size();
  return is_padded_3x3(settings) && input.extents[rank - 1] % tile == 0 && input.extents[rank - 2] % tile == 0 &&
         input.extents[rank - 1] * input.extents[rank - 2] >= smallest_plane;
}

WinogradConvolution::WinogradConvolution(const TensorLayout& input, const TensorLayout& output)
    : TiledConvolution(input, output, input.rank() == 3 ? 27 : 9), taps_(input.rank() == 3 ? 3 : 1) {}

std::size_t WinogradConvolution::prepared_size() const {
  return weights_size() / 9 * static_cast<std::size_t>(products);
}

std::int64_t WinogradConvolution::portions() const {
  return Portions(input_, output_, taps_).plan.count();
}

// Points lie as [point][panel of output groups][tap][input channel][width × block].
void WinogradConvolution::prepare_forward(const float* weights, float* prepared) const {
  with_block(input_.block(), [&](auto constant) {
    constexpr int block = decltype(constant)::value;
    const std::int64_t inputs = input_.padded_channels();
    const std::int64_t outputs = output_.padded_channels();
    const std::int64_t width = panel_width(output_.groups());
    const std::int64_t depth = taps_ * inputs;
#pragma omp parallel for schedule(static)
    for (std::int64_t row = 0; row < depth; ++row) {
      for (std::int64_t group = 0; group < output_.groups(); ++group) {
        Lanes<block> w[3][3];
        for (std::int64_t k = 0; k < 9; ++k) {
          w[k / 3][k % 3] =
              lanes<block>(weights + ((row / inputs * 9 + k) * inputs + row % inputs) * outputs + group * block);
        }
        write_points<block>(w, prepared + (group / width * depth + row) * width * block + group % width * block,
                            depth * outputs);
      }
    }
  });
}

// The same with inputs and outputs exchanged and the kernel turned about its centre.
void WinogradConvolution::prepare_backward(const float* weights, float* prepared) const {
  with_block(input_.block(), [&](auto constant) {
    constexpr int block = decltype(constant)::value;
    const std::int64_t inputs = input_.padded_channels();
    const std::int64_t outputs = output_.padded_channels();
    const std::int64_t width = panel_width(input_.groups());
    const std::int64_t depth = taps_ * outputs;
#pragma omp parallel for schedule(static)
    for (std::int64_t part = 0; part < taps_ * output_.groups(); ++part) {
      const std::int64_t tap = part / output_.groups();
      const std::int64_t first = part % output_.groups() * block;
      for (std::int64_t group = 0; group < input_.groups(); ++group) {
        alignas(64) float turned[9][block][block];
        for (std::int64_t k = 0; k < 9; ++k) {
          turn_weights<block>(weights + (((taps_ - 1 - tap) * 9 + 8 - k) * inputs + group * block) * outputs + first,
                              outputs, turned[k]);
        }
        for (std::int64_t o = 0; o < block; ++o) {
          Lanes<block> w[3][3];
          for (std::int64_t k = 0; k < 9; ++k) w[k / 3][k % 3] = lanes<block>(turned[k][o]);
          write_points<block>(
              w, prepared + (group / width * depth + tap * outputs + first + o) * width * block + group % width * block,
              depth * inputs);
        }
      }
    }
  });
}

template <int Block>
void WinogradConvolution::convolve(const TensorLayout& from, const TensorLayout& to, const Forward& call) const {
  const Portions work(from, to, taps_);
  const std::int64_t width = panel_width(to.groups());
  const std::int64_t panels = to.groups() / width;
  const std::int64_t depth = taps_ * from.padded_channels();
  const bool share = depth * to.padded_channels() > private_weights;
#pragma omp parallel
  {
    const int me = omp_get_thread_num();
    const int threads = omp_get_num_threads();
    const Team team = share ? Team{me, threads} : Team{0, 1};
    const Team all = share ? Team{0, 1} : Team{me, threads};
    float* const values =
        reinterpret_cast<float*>(call.scratch) + (share ? 0 : me * (work.values.size() + work.results.size()));
    float* const results = values + work.values.size();
    for (std::int64_t i = all.begin(work.plan.count()); i < all.end(work.plan.count()); ++i) {
      const Portion portion = work.plan[i];
      scatter_patches<Block>(work.patches, call.input, call.view, portion, portion.planes + taps_ - 1, work.values,
                             values, team);
      team.wait();
      for (std::int64_t unit = team.begin(products * panels); unit < team.end(products * panels); ++unit) {
        const std::int64_t point = unit / panels;
        const std::int64_t panel = unit % panels;
        multiply_panel<Block>(
            {values + point * work.values.product_stride(), work.values.groups, work.values.group_stride(), taps_,
             portion.tiles * Block, call.prepared + unit * depth * width * Block, share},
            width, TilePlan::whole_units(portion.rows()),
            results + point * work.results.product_stride() + panel * width * work.results.group_stride(),
            work.results.group_stride());
      }
      team.wait();
      with_values(work.tiles.precision, call.output, [&](auto* output) {
        gather_outputs<Block>(work.results, results, portion, call.bias, call.moments, work.tiles, output, team);
      });
    }
  }
}

namespace {

bool fits_whole(const TensorLayout& input, const TensorLayout& output) {
  const std::int64_t points = input.batch() * input.points() / (tile * tile);
  return points * products * (input.padded_channels() + output.padded_channels()) <= whole_size;
}

Portions weight_portions(const TensorLayout& input, const TensorLayout& output, std::int64_t taps) {
  if (input.rank() == 2 && fits_whole(input, output)) {
    return {input, output, taps, input.batch() * input.points() / (tile * tile)};
  }
  return {input, output, taps};
}

}  // namespace

std::size_t WinogradConvolution::scratch_size() const {
  const auto size = [](const Portions& work) { return work.values.size() + work.results.size(); };
  const std::int64_t threads = omp_get_max_threads();
  const std::int64_t passes = threads * std::max(size({input_, output_, taps_}), size({output_, input_, taps_}));
  const Portions weights = weight_portions(input_, output_, taps_);
  const std::int64_t all = products * (taps_ * input_.padded_channels() * output_.padded_channels() + 16);
  const std::int64_t strands = strand_count(all, weights.plan.count());
  std::int64_t own = size(weights) + all;
  if (strands > 1) own = threads * size(weights) + strands * all;
  if (weights.plan.count() == 1) {
    own = size(weights) + threads * products * (input_.block() * output_.padded_channels() + 16);
  }
  return static_cast<std::size_t>(std::max(passes, own)) * sizeof(float);
}

template <int Block>
void WinogradConvolution::sum_weights(const float* input, const ChannelView* view, const float* output_gradient,
                                      float* weights_gradient, float* scratch) const {
  const Portions work = weight_portions(input_, output_, taps_);
  const std::int64_t inputs = input_.padded_channels();
  const std::int64_t outputs = output_.padded_channels();
  const std::int64_t groups = taps_ * input_.groups();
  const std::int64_t portions = work.plan.count();
  const bool whole = portions == 1;
  // The sums of one group of channels, where there is but one portion, or of all channels.
  const std::int64_t point_stride = (whole ? Block : groups * Block) * outputs + 16;
  const std::int64_t strands = strand_count(products * point_stride, portions);
  const std::int64_t rows_size = work.values.size() + work.results.size();
#pragma omp parallel
  {
    const Team everybody{omp_get_thread_num(), omp_get_num_threads()};
    const Team team = strands > 1 ? Team{0, 1} : everybody;
    float* const values = scratch + (strands > 1 ? everybody.me * rows_size : 0);
    float* const gradients = values + work.values.size();
    float* const sums = scratch + (strands > 1 ? everybody.size : 1) * rows_size;
    const auto collect = [&](const Portion& portion) {
      scatter_patches<Block>(work.patches, input, view, portion, portion.planes + taps_ - 1, work.values, values, team);
      with_values(work.tiles.precision, output_gradient, [&](const auto* from) {
        scatter_gradients<Block>(work.tiles, from, portion, work.results, gradients, team);
      });
      team.wait();
    };
    const auto multiply = [&](const Portion& portion, std::int64_t point, std::int64_t group, float* target, bool add) {
      multiply_group<Block>(values + point * work.values.product_stride() +
                                group % input_.groups() * work.values.group_stride() +
                                group / input_.groups() * portion.tiles * Block,
                            gradients + point * work.results.product_stride(), work.results.group_stride(),
                            portion.rows(), output_.groups(), target, add);
    };
    const auto gather = [&](std::int64_t row, const float* from) {
      gather_weights<Block>(from, point_stride, output_.groups(),
                            weights_gradient + (row / inputs * 9 * inputs + row % inputs) * outputs, inputs * outputs);
    };
    if (whole) {
      float* const own = sums + everybody.me * products * point_stride;
      collect(work.plan[0]);
      for (std::int64_t group = team.begin(groups); group < team.end(groups); ++group) {
        for (std::int64_t point = 0; point < products; ++point) {
          multiply(work.plan[0], point, group, own + point * point_stride, false);
        }
        for (std::int64_t c = 0; c < Block; ++c) gather(group * Block + c, own + c * outputs);
      }
    } else {
      const Team keepers = strands > 1 ? everybody : Team{0, 1};
      for (std::int64_t strand = keepers.begin(strands); strand < keepers.end(strands); ++strand) {
        float* const own = sums + strand * products * point_stride;
        const std::int64_t first = portions * strand / strands;
        for (std::int64_t i = first; i < portions * (strand + 1) / strands; ++i) {
          const Portion portion = work.plan[i];
          collect(portion);
          for (std::int64_t unit = team.begin(products * groups); unit < team.end(products * groups); ++unit) {
            multiply(portion, unit / groups, unit % groups,
                     own + unit / groups * point_stride + unit % groups * Block * outputs, i > first);
          }
          team.wait();
        }
      }
      keepers.wait();
      for (std::int64_t row = everybody.begin(groups * Block); row < everybody.end(groups * Block); ++row) {
        for (std::int64_t point = 0; point < products && strands > 1; ++point) {
          float* const total = sums + point * point_stride + row * outputs;
          add_strands(total, products * point_stride, strands, outputs, total);
        }
        gather(row, sums + row * outputs);
      }
    }
  }
}

void WinogradConvolution::forward(const Forward& call) const {
  with_block(input_.block(), [&](auto block) { convolve<decltype(block)::value>(input_, output_, call); });
}

void WinogradConvolution::backward_input(const float* output_gradient, const float* prepared, float* input_gradient,
                                         std::byte* scratch) const {
  const Forward call{output_gradient, nullptr, prepared, nullptr, input_gradient, nullptr, scratch};
  with_block(input_.block(), [&](auto block) { convolve<decltype(block)::value>(output_, input_, call); });
}

void WinogradConvolution::backward_weights(const float* input, const ChannelView* view, const float* output_gradient,
                                           float* weights_gradient, std::byte* scratch) const {
  with_block(input_.block(), [&](auto block) {
    sum_weights<decltype(block)::value>(input, view, output_gradient, weights_gradient,
                                        reinterpret_cast<float*>(scratch));
  });
}

}  // namespace phiscope::neural
