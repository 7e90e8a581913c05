#include "plain_input_convolution.hpp"

#include <omp.h>

#include <algorithm>

#include "lanes.hpp"
#include "stored_values.hpp"
#include "tile_plan.hpp"

namespace phiscope::neural {
namespace {

constexpr std::int64_t most_channels = 3;
/// Points of the kernel in one plane.
constexpr int plane_points = 9;

/// A row of outputs: where it lies in the output, and where the corner of its first patch lies in the input.
struct Row {
  std::int64_t output, input;

  Row(const TensorLayout& input_layout, const TensorLayout& output_layout, std::int64_t number) {
    const auto [depth, height, width] = output_layout.extents();
    const std::int64_t sample = number / (depth * height);
    const std::int64_t z = number / height % depth;
    const std::int64_t y = number % height;
    output = sample * output_layout.groups() * output_layout.image_size() + output_layout.row(z, y);
    const auto& halo = input_layout.halo();
    input = sample * input_layout.channels() * input_layout.image_size() + input_layout.row(z - halo[0], y - 1) - 1;
  }
};

/// Where the planes of the kernel lie in the input, counted from the patch's corner: [plane][channel].
std::int64_t plane_offset(const TensorLayout& input, std::int64_t plane, std::int64_t channel) {
  return channel * input.image_size() + plane * input.stored()[1] * input.row_size();
}

template <int Block, int Points, int Width>
void sum_points(const TensorLayout& input, std::int64_t depth, const float* corner, const float* weights,
                std::int64_t outputs, const Lanes<Block> (&start)[Width], Lanes<Block> (&sums)[Points][Width]) {
  for (auto& sum : sums) std::copy(std::begin(start), std::end(start), std::begin(sum));
  for (std::int64_t plane = 0; plane < depth; ++plane) {
    for (std::int64_t k = 0; k < plane_points; ++k) {
      for (std::int64_t channel = 0; channel < input.channels(); ++channel) {
        const float* const values = corner + plane_offset(input, plane, channel) + k / 3 * input.row_size() + k % 3;
        Lanes<Block> w[Width];
        for (std::int64_t v = 0; v < Width; ++v) w[v] = lanes<Block>(weights + v * Block);
        weights += outputs;
        for (std::int64_t p = 0; p < Points; ++p) {
          for (std::int64_t v = 0; v < Width; ++v) sums[p][v] += values[p] * w[v];
        }
      }
    }
  }
}

}  // namespace

bool PlainInputConvolution::suits(const SampleShape& input, const ConvolutionSettings& settings) {
  return is_padded_3x3(settings) && input.channels <= most_channels && input.extents.back() % 4 == 0;
}

PlainInputConvolution::PlainInputConvolution(const TensorLayout& input, const TensorLayout& output)
    : TiledConvolution(input, output, input.rank() == 3 ? 27 : 9), depth_(input.rank() == 3 ? 3 : 1) {}

std::size_t PlainInputConvolution::scratch_size() const {
  const auto size = static_cast<std::int64_t>(weights_size());
  return static_cast<std::size_t>(strand_count(size, rows()) * size) * sizeof(float);
}

template <int Block, class Value>
void PlainInputConvolution::convolve(const Forward& call, Value* output) const {
  constexpr int most = Block == 16 ? 12 : 4;
  const std::int64_t width = output_.extents()[2];
  const std::int64_t outputs = output_.padded_channels();
#pragma omp parallel for schedule(static)
  for (std::int64_t number = 0; number < rows(); ++number) {
    const Row row(input_, output_, number);
    for (std::int64_t group = 0; group < output_.groups(); ++group) {
      Lanes<Block> start[1] = {};
      if (call.bias != nullptr) start[0] = lanes_from<Block>(call.bias + group * Block);
      const float* const weights = call.prepared + group * Block;
      Value* const target = output + row.output + group * output_.image_size();
      const auto sweep = [&](auto count, std::int64_t x) {
        constexpr int points = decltype(count)::value;
        Lanes<Block> sums[points][1];
        sum_points<Block, points, 1>(input_, depth_, call.input + row.input + x, weights, outputs, start, sums);
        for (std::int64_t p = 0; p < points; ++p) store_lanes<Block>(target + (x + p) * Block, sums[p][0]);
      };
      std::int64_t x = 0;
      for (; x + most <= width; x += most) sweep(std::integral_constant<int, most>{}, x);
      for (; x < width; x += 4) sweep(std::integral_constant<int, 4>{}, x);
      if (call.moments == nullptr) continue;
      ChannelMoments::Sum<Block> sum(load_lanes<Block>(target));
      for (x = 0; x < width; ++x) {
        sum.add(load_lanes<Block>(target + x * Block));
        if (x % 64 == 63) sum.carry();
      }
      sum.carry();
      call.moments->set(number, group, width, sum);
    }
  }
}

void PlainInputConvolution::forward(const Forward& call) const {
  with_block(output_.block(), [&](auto block) {
    with_values(output_.precision(), call.output,
                [&](auto* output) { convolve<decltype(block)::value>(call, output); });
  });
}

// The gradient's halo holds the padding, so that every point of the input has all its terms.
template <int Block, class Value>
void PlainInputConvolution::find_input_gradient(const Value* output_gradient, const float* prepared,
                                                float* input_gradient) const {
  const std::int64_t depth = output_.extents()[0];
  const std::int64_t height = output_.extents()[1];
  const std::int64_t width = output_.extents()[2];
  const std::int64_t points = depth_ * plane_points;
  const std::int64_t outputs = output_.padded_channels();
#pragma omp parallel for schedule(static)
  for (std::int64_t number = 0; number < rows(); ++number) {
    const std::int64_t sample = number / (depth * height);
    const std::int64_t z = number / height % depth;
    const std::int64_t y = number % height;
    for (std::int64_t channel = 0; channel < input_.channels(); ++channel) {
      float* const target =
          input_gradient + (sample * input_.channels() + channel) * input_.image_size() + input_.row(z, y);
      for (std::int64_t x = 0; x < width; ++x) {
        Lanes<Block> sum = {};
        for (std::int64_t k = 0; k < points; ++k) {
          const Value* const gradients = output_gradient + sample * output_.groups() * output_.image_size() +
                                         output_.row(z - (k / plane_points - depth_ / 2), y - (k / 3 % 3 - 1)) +
                                         (x - (k % 3 - 1)) * Block;
          const float* const weights = prepared + (k * input_.channels() + channel) * outputs;
          for (std::int64_t group = 0; group < output_.groups(); ++group) {
            sum += load_lanes<Block>(gradients + group * output_.image_size()) * lanes<Block>(weights + group * Block);
          }
        }
        float total = 0.0F;
        for (std::int64_t c = 0; c < Block; ++c) total += sum[c];
        target[x] = total;
      }
    }
  }
}

void PlainInputConvolution::backward_input(const float* output_gradient, const float* prepared, float* input_gradient,
                                           std::byte* /*scratch*/) const {
  with_block(output_.block(), [&](auto block) {
    with_values(output_.precision(), output_gradient, [&](const auto* gradient) {
      find_input_gradient<decltype(block)::value>(gradient, prepared, input_gradient);
    });
  });
}

template <int Block, class Value>
void PlainInputConvolution::sum_weights(const float* input, const Value* output_gradient, float* weights_gradient,
                                        float* sums) const {
  const std::int64_t width = output_.extents()[2];
  const std::int64_t outputs = output_.padded_channels();
  const auto size = static_cast<std::int64_t>(weights_size());
  const std::int64_t strands = strand_count(size, rows());
#pragma omp parallel for schedule(static)
  for (std::int64_t strand = 0; strand < strands; ++strand) {
    float* const own = sums + strand * size;
    std::fill_n(own, size, 0.0F);
    for (std::int64_t number = rows() * strand / strands; number < rows() * (strand + 1) / strands; ++number) {
      const Row row(input_, output_, number);
      for (std::int64_t group = 0; group < output_.groups(); ++group) {
        const Value* const gradients = output_gradient + row.output + group * output_.image_size();
        for (std::int64_t plane = 0; plane < depth_; ++plane) {
          for (std::int64_t channel = 0; channel < input_.channels(); ++channel) {
            const float* const values = input + row.input + plane_offset(input_, plane, channel);
            Lanes<Block> part[plane_points] = {};
            for (std::int64_t x = 0; x < width; ++x) {
              const Lanes<Block> gradient = load_lanes<Block>(gradients + x * Block);
              for (std::int64_t k = 0; k < plane_points; ++k) {
                part[k] += values[k / 3 * input_.row_size() + k % 3 + x] * gradient;
              }
            }
            for (std::int64_t k = 0; k < plane_points; ++k) {
              lanes<Block>(own + ((plane * plane_points + k) * input_.channels() + channel) * outputs +
                           group * Block) += part[k];
            }
          }
        }
      }
    }
  }
  add_strands(sums, size, strands, size, weights_gradient);
}

void PlainInputConvolution::backward_weights(const float* input, const ChannelView* /*view*/,
                                             const float* output_gradient, float* weights_gradient,
                                             std::byte* scratch) const {
  with_block(output_.block(), [&](auto block) {
    with_values(output_.precision(), output_gradient, [&](const auto* gradient) {
      sum_weights<decltype(block)::value>(input, gradient, weights_gradient, reinterpret_cast<float*>(scratch));
    });
  });
}

}  // namespace phiscope::neural
