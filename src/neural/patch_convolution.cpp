#include "patch_convolution.hpp"

#include <omp.h>

#include <algorithm>

#include "channel_products.hpp"
#include "lanes.hpp"
#include "stored_values.hpp"
#include "tile_plan.hpp"

namespace phiscope::neural {
namespace {

/// Rows of a portion: few enough for patches and outputs to stay in the second-level cache beside the weights.
std::int64_t portion_rows(std::int64_t channels) {
  return std::clamp<std::int64_t>(98304 / channels / 12 * 12, 24, 384);
}

/// One product for each point of the kernel.
struct Portions {
  std::int64_t points;
  TileGrid patches, outputs;
  TilePlan plan;
  RowsLayout values, results;

  Portions(const TensorLayout& input, const TensorLayout& output, std::int64_t side, std::int64_t depth)
      : points(side * side * depth),
        patches(input, side, depth, false),
        outputs(output, 1, 1, false),
        plan(outputs, portion_rows(points * input.padded_channels() + output.padded_channels())),
        values{points, input.groups(), plan.rows(), input.block()},
        results{1, output.groups(), plan.rows(), output.block()} {}
};

/// The kernels' walk over a portion: calls work(row, place in the tensor) for one group of channels.
template <class Work>
void for_each_row_of(const Portion& portion, const TileGrid& grid, std::int64_t plane_step, std::int64_t group,
                     Work&& work) {
  const std::int64_t start = grid.first + portion.volume * grid.volume_stride + group * grid.group_stride;
  std::int64_t row = 0;
  for (std::int64_t plane = 0; plane < portion.planes; ++plane) {
    const std::int64_t place = start + (portion.first_plane + plane) * plane_step * grid.plane_stride;
    for (std::int64_t tile = 0; tile < portion.tiles; ++tile, ++row) {
      work(row, place + grid.tile(portion.first_tile + tile));
    }
  }
}

/// Where a point of the kernel lies, counted from the first of its patch.
std::int64_t point_offset(const TileGrid& grid, std::int64_t block, std::int64_t side, std::int64_t point) {
  return point / (side * side) * grid.plane_stride + point / side % side * grid.row_stride + point % side * block;
}

void clear_spare_rows(const RowsLayout& layout, std::int64_t used, float* rows) {
  for (std::int64_t p = 0; p < layout.products; ++p) {
    for (std::int64_t group = 0; group < layout.groups; ++group) {
      float* const place = rows + p * layout.product_stride() + group * layout.group_stride();
      std::fill(place + used * layout.block, place + layout.rows * layout.block, 0.0F);
    }
  }
}

template <int Block>
void collect_patches(const Portions& work, std::int64_t side, std::int64_t depth, const float* input,
                     const ChannelView* view, const Portion& portion, float* values) {
  with_values(work.patches.precision, input, [&](const auto* tensor) {
    for (std::int64_t group = 0; group < work.values.groups; ++group) {
      with_view<Block>(view, group, [&](const auto& see) {
        for (std::int64_t point = 0; point < work.points; ++point) {
          const auto* const from = tensor + point_offset(work.patches, Block, side, point);
          float* const to = values + point * work.values.product_stride() + group * work.values.group_stride();
          for_each_row_of(portion, work.patches, depth, group, [&](std::int64_t row, std::int64_t place) {
            lanes<Block>(to + row * Block) = see(load_lanes<Block>(from + place));
          });
        }
      });
    }
  });
  clear_spare_rows(work.values, portion.rows(), values);
}

template <int Block>
void collect_gradients(const Portions& work, const float* output_gradient, const Portion& portion, float* gradients) {
  with_values(work.outputs.precision, output_gradient, [&](const auto* from) {
    for (std::int64_t group = 0; group < work.results.groups; ++group) {
      float* const to = gradients + group * work.results.group_stride();
      for_each_row_of(portion, work.outputs, 1, group, [&](std::int64_t row, std::int64_t place) {
        lanes<Block>(to + row * Block) = load_lanes<Block>(from + place);
      });
    }
  });
  clear_spare_rows(work.results, portion.rows(), gradients);
}

/// The results of a portion, with the bias, to the outputs.
template <int Block>
void write_outputs(const Portions& work, const Portion& portion, const float* results, const float* bias,
                   ChannelMoments* moments, float* output) {
  with_values(work.outputs.precision, output, [&](auto* to) {
    for (std::int64_t group = 0; group < work.results.groups; ++group) {
      const Lanes<Block> shift = bias != nullptr ? lanes_from<Block>(bias + group * Block) : Lanes<Block>{};
      const float* const from = results + group * work.results.group_stride();
      ChannelMoments::Sum<Block> sum(lanes<Block>(from) + shift);
      for_each_row_of(portion, work.outputs, 1, group, [&](std::int64_t row, std::int64_t place) {
        const Lanes<Block> value = lanes<Block>(from + row * Block) + shift;
        store_lanes<Block>(to + place, value);
        sum.add(value);
        if (row % 64 == 63) sum.carry();
      });
      sum.carry();
      if (moments != nullptr) moments->set(portion.number, group, portion.rows(), sum);
    }
  });
}

/// The gradients of a portion's patches to the input's gradient.
template <int Block>
void write_patches(const Portions& work, std::int64_t side, std::int64_t depth, const Portion& portion,
                   const float* values, float* input_gradient) {
  with_values(work.patches.precision, input_gradient, [&](auto* tensor) {
    for (std::int64_t group = 0; group < work.values.groups; ++group) {
      for (std::int64_t point = 0; point < work.points; ++point) {
        const float* const from = values + point * work.values.product_stride() + group * work.values.group_stride();
        auto* const to = tensor + point_offset(work.patches, Block, side, point);
        for_each_row_of(portion, work.patches, depth, group, [&](std::int64_t row, std::int64_t place) {
          store_lanes<Block>(to + place, lanes<Block>(from + row * Block));
        });
      }
    }
  });
}

}  // namespace

bool PatchConvolution::suits(const SampleShape& input, const ConvolutionSettings& settings) {
  return settings.kernel == settings.stride && all(settings.kernel, settings.kernel.front()) &&
         all(settings.padding, 0) && settings.kernel != input.extents;
}

PatchConvolution::PatchConvolution(const TensorLayout& input, const TensorLayout& output)
    : TiledConvolution(input, output,
                       [&] {
                         const std::int64_t side = input.extents()[2] / output.extents()[2];
                         return side * side * (input.rank() == 3 ? side : 1);
                       }()),
      side_(input.extents()[2] / output.extents()[2]),
      depth_(input.rank() == 3 ? side_ : 1) {}

std::int64_t PatchConvolution::portions() const {
  return Portions(input_, output_, side_, depth_).plan.count();
}

std::size_t PatchConvolution::scratch_size() const {
  const Portions work(input_, output_, side_, depth_);
  const auto total = static_cast<std::int64_t>(weights_size());
  const std::int64_t strands = strand_count(total, work.plan.count());
  return static_cast<std::size_t>((work.values.size() + work.results.size()) * omp_get_max_threads() +
                                  (strands > 1 ? strands * total : 0)) *
         sizeof(float);
}

// Weights lie as [panel of output groups][point][input channel][width × block] …
void PatchConvolution::prepare_forward(const float* weights, float* prepared) const {
  const std::int64_t rows = kernel_points_ * input_.padded_channels();
  const std::int64_t outputs = output_.padded_channels();
  const std::int64_t width = panel_width(output_.groups()) * output_.block();
#pragma omp parallel for schedule(static)
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t first = 0; first < outputs; first += width) {
      std::copy_n(weights + row * outputs + first, width, prepared + first * rows + row * width);
    }
  }
}

// … and [point][panel of input groups][output channel][width × block].
void PatchConvolution::prepare_backward(const float* weights, float* prepared) const {
  with_block(input_.block(), [&](auto constant) {
    constexpr int block = decltype(constant)::value;
    const std::int64_t inputs = input_.padded_channels();
    const std::int64_t outputs = output_.padded_channels();
    const std::int64_t width = panel_width(input_.groups());
#pragma omp parallel for schedule(static)
    for (std::int64_t part = 0; part < kernel_points_ * input_.groups(); ++part) {
      const std::int64_t point = part / input_.groups();
      const std::int64_t group = part % input_.groups();
      float* const target =
          prepared + (point * inputs + group / width * width * block) * outputs + group % width * block;
      for (std::int64_t first = 0; first < outputs; first += block) {
        alignas(64) float turned[block][block];
        turn_weights<block>(weights + (point * inputs + group * block) * outputs + first, outputs, turned);
        for (std::int64_t o = 0; o < block; ++o) std::copy_n(turned[o], block, target + (first + o) * width * block);
      }
    }
  });
}

void PatchConvolution::forward(const Forward& call) const {
  const Portions work(input_, output_, side_, depth_);
  with_block(input_.block(), [&](auto constant) {
    constexpr int block = decltype(constant)::value;
    const std::int64_t width = panel_width(output_.groups());
    const std::int64_t depth = kernel_points_ * input_.padded_channels();
#pragma omp parallel
    {
      float* const values =
          reinterpret_cast<float*>(call.scratch) + omp_get_thread_num() * (work.values.size() + work.results.size());
      float* const results = values + work.values.size();
#pragma omp for schedule(static)
      for (std::int64_t i = 0; i < work.plan.count(); ++i) {
        const Portion portion = work.plan[i];
        collect_patches<block>(work, side_, depth_, call.input, call.view, portion, values);
        for (std::int64_t group = 0; group < output_.groups(); group += width) {
          multiply_panel<block>({values, work.values.groups, work.values.group_stride(), work.points,
                                 work.values.product_stride(), call.prepared + group * block * depth},
                                width, TilePlan::whole_units(portion.rows()),
                                results + group * work.results.group_stride(), work.results.group_stride());
        }
        write_outputs<block>(work, portion, results, call.bias, call.moments, call.output);
      }
    }
  });
}

void PatchConvolution::backward_input(const float* output_gradient, const float* prepared, float* input_gradient,
                                      std::byte* scratch) const {
  const Portions work(input_, output_, side_, depth_);
  with_block(input_.block(), [&](auto constant) {
    constexpr int block = decltype(constant)::value;
    const std::int64_t width = panel_width(input_.groups());
    const std::int64_t outputs = output_.padded_channels();
#pragma omp parallel
    {
      float* const values =
          reinterpret_cast<float*>(scratch) + omp_get_thread_num() * (work.values.size() + work.results.size());
      float* const gradients = values + work.values.size();
#pragma omp for schedule(static)
      for (std::int64_t i = 0; i < work.plan.count(); ++i) {
        const Portion portion = work.plan[i];
        collect_gradients<block>(work, output_gradient, portion, gradients);
        for (std::int64_t point = 0; point < work.points; ++point) {
          float* const result = values + point * work.values.product_stride();
          for (std::int64_t group = 0; group < input_.groups(); group += width) {
            multiply_panel<block>({gradients, work.results.groups, work.results.group_stride(), 1, 0,
                                   prepared + (point * input_.padded_channels() + group * block) * outputs},
                                  width, TilePlan::whole_units(portion.rows()),
                                  result + group * work.values.group_stride(), work.values.group_stride());
          }
        }
        write_patches<block>(work, side_, depth_, portion, values, input_gradient);
      }
    }
  });
}

template <int Block>
void PatchConvolution::sum_weights(const float* input, const ChannelView* view, const float* output_gradient,
                                   float* weights_gradient, float* scratch) const {
  const Portions work(input_, output_, side_, depth_);
  const std::int64_t inputs = input_.padded_channels();
  const std::int64_t outputs = output_.padded_channels();
  const std::int64_t groups = kernel_points_ * input_.groups();
  const std::int64_t size = work.values.size() + work.results.size();
  const auto total = static_cast<std::int64_t>(weights_size());
  const std::int64_t portions = work.plan.count();
  const std::int64_t strands = strand_count(total, portions);
#pragma omp parallel
  {
    const Team team{omp_get_thread_num(), omp_get_num_threads()};
    float* const values = scratch + team.me * size;
    float* const sums = scratch + team.size * size;
    const auto collect = [&](const Portion& portion) {
      collect_patches<Block>(work, side_, depth_, input, view, portion, values);
      collect_gradients<Block>(work, output_gradient, portion, values + work.values.size());
    };
    const auto multiply = [&](const float* from, const Portion& portion, std::int64_t unit, float* target, bool add) {
      const std::int64_t point = unit / input_.groups();
      const std::int64_t group = unit % input_.groups();
      multiply_group<Block>(from + point * work.values.product_stride() + group * work.values.group_stride(),
                            from + work.values.size(), work.results.group_stride(), portion.rows(), output_.groups(),
                            target + (point * inputs + group * Block) * outputs, add);
    };
    if (strands > 1) {
      for (std::int64_t strand = team.begin(strands); strand < team.end(strands); ++strand) {
        const std::int64_t first = portions * strand / strands;
        for (std::int64_t i = first; i < portions * (strand + 1) / strands; ++i) {
          const Portion portion = work.plan[i];
          collect(portion);
          for (std::int64_t unit = 0; unit < groups; ++unit) {
            multiply(values, portion, unit, sums + strand * total, i > first);
          }
        }
      }
      team.wait();
      const std::int64_t begin = team.begin(total);
      add_strands(sums + begin, total, strands, team.end(total) - begin, weights_gradient + begin);
    } else {
      // Each thread collects a portion; then each adds all of them, in their order, to its share of the weights.
      for (std::int64_t first = 0; first < portions; first += team.size) {
        if (first + team.me < portions) collect(work.plan[first + team.me]);
        team.wait();
        for (std::int64_t i = first; i < std::min<std::int64_t>(first + team.size, portions); ++i) {
          for (std::int64_t unit = team.begin(groups); unit < team.end(groups); ++unit) {
            multiply(scratch + (i - first) * size, work.plan[i], unit, weights_gradient, i > 0);
          }
        }
        team.wait();
      }
    }
  }
}

void PatchConvolution::backward_weights(const float* input, const ChannelView* view, const float* output_gradient,
                                        float* weights_gradient, std::byte* scratch) const {
  with_block(input_.block(), [&](auto block) {
    sum_weights<decltype(block)::value>(input, view, output_gradient, weights_gradient,
                                        reinterpret_cast<float*>(scratch));
  });
}

}  // namespace phiscope::neural
