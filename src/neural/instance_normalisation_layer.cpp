#include "instance_normalisation_layer.hpp"

#include <algorithm>
#include <cmath>

#include "halo.hpp"
#include "lanes.hpp"

namespace phiscope::neural {

InstanceNormalisationLayer::InstanceNormalisationLayer(const TensorLayout& input, const TensorLayout& output,
                                                       const InstanceNormalisationSettings& settings)
    : input_(input),
      output_(output),
      settings_(settings),
      mean_(static_cast<std::size_t>(input.images() * input.block())),
      inverse_(mean_.size()),
      sums_(mean_.size()),
      tilts_(mean_.size()) {}

std::vector<Parameter> InstanceNormalisationLayer::parameters() const {
  if (!settings_.affine) return {};
  const std::int64_t padded = input_.padded_channels();
  return {channel_parameter("weight", input_.channels(), padded, Parameter::Start::one),
          channel_parameter("bias", input_.channels(), padded, Parameter::Start::zero)};
}

// One sweep for both moments, around the first value of each channel: a mean far from zero costs no digits then.
template <int Block>
void InstanceNormalisationLayer::normalise(const Forward& call) {
  const std::int64_t width = input_.extents()[2];
  const auto points = static_cast<double>(input_.points());
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const x = call.inputs[0] + image * input_.image_size();
    float* const y = call.output + image * output_.image_size();
    const Lanes<Block> centre = lanes<Block>(x + input_.row(0, 0));
    double sums[Block] = {};
    double squares[Block] = {};
    for_each_row(input_, input_, [&](std::int64_t row, std::int64_t) {
      Lanes<Block> sum = {};
      Lanes<Block> square = {};
      for (std::int64_t i = 0; i < width; ++i) {
        const Lanes<Block> value = lanes<Block>(x + row + i * Block) - centre;
        sum += value;
        square += value * value;
      }
      for (int c = 0; c < Block; ++c) {
        sums[c] += static_cast<double>(sum[c]);
        squares[c] += static_cast<double>(square[c]);
      }
    });
    float* const mean = mean_.data() + image * Block;
    float* const inverse = inverse_.data() + image * Block;
    for (int c = 0; c < Block; ++c) {
      const double distance = sums[c] / points;
      const double variance = std::max(0.0, squares[c] / points - distance * distance);
      mean[c] = static_cast<float>(static_cast<double>(centre[c]) + distance);
      inverse[c] = static_cast<float>(1.0 / std::sqrt(variance + settings_.epsilon));
    }
    const std::int64_t first = image % input_.groups() * Block;
    Lanes<Block> factor = lanes_from<Block>(inverse);
    Lanes<Block> offset = {};
    if (settings_.affine) {
      factor *= lanes_from<Block>(memory_.parameters[0] + first);
      offset = lanes_from<Block>(memory_.parameters[1] + first);
    }
    const Lanes<Block> middle = lanes_from<Block>(mean);
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = 0; i < width; ++i) {
        lanes<Block>(y + to + i * Block) = (lanes<Block>(x + from + i * Block) - middle) * factor + offset;
      }
    });
    fill_halo(output_, y);
  }
}

template <int Block>
void InstanceNormalisationLayer::differentiate(const Backward& call) {
  const std::int64_t width = input_.extents()[2];
  const auto share = 1.0F / static_cast<float>(input_.points());
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const x = call.inputs[0] + image * input_.image_size();
    const float* const dy = call.output_gradient + image * output_.image_size();
    const Lanes<Block> mean = lanes_from<Block>(mean_.data() + image * Block);
    const Lanes<Block> inverse = lanes_from<Block>(inverse_.data() + image * Block);
    double* const sums = sums_.data() + image * Block;
    double* const tilts = tilts_.data() + image * Block;
    std::fill_n(sums, Block, 0.0);
    std::fill_n(tilts, Block, 0.0);
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      Lanes<Block> sum = {};
      Lanes<Block> tilt = {};
      for (std::int64_t i = 0; i < width; ++i) {
        const Lanes<Block> incoming = lanes<Block>(dy + to + i * Block);
        sum += incoming;
        tilt += incoming * ((lanes<Block>(x + from + i * Block) - mean) * inverse);
      }
      for (int c = 0; c < Block; ++c) {
        sums[c] += static_cast<double>(sum[c]);
        tilts[c] += static_cast<double>(tilt[c]);
      }
    });
    if (call.input_gradients[0] == nullptr) continue;
    Lanes<Block> shift = {};
    Lanes<Block> slant = {};
    for (int c = 0; c < Block; ++c) {
      shift[c] = static_cast<float>(sums[c]) * share;
      slant[c] = static_cast<float>(tilts[c]) * share;
    }
    slant *= inverse;
    Lanes<Block> factor = inverse;
    if (settings_.affine) factor *= lanes_from<Block>(memory_.parameters[0] + image % input_.groups() * Block);
    float* const dx = call.input_gradients[0] + image * input_.image_size();
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = 0; i < width; ++i) {
        const Lanes<Block> distance = lanes<Block>(x + from + i * Block) - mean;
        lanes<Block>(dx + from + i * Block) = factor * (lanes<Block>(dy + to + i * Block) - shift - distance * slant);
      }
    });
  }
}

void InstanceNormalisationLayer::add_over_samples(const std::vector<double>& values, float* gradient) const {
  const std::int64_t channels = input_.padded_channels();
  for (std::int64_t c = 0; c < channels; ++c) {
    double sum = 0.0;
    for (std::int64_t sample = 0; sample < input_.batch(); ++sample) {
      sum += values[static_cast<std::size_t>(sample * channels + c)];
    }
    gradient[c] = static_cast<float>(sum);
  }
}

void InstanceNormalisationLayer::forward(const Forward& call) {
  with_block(input_.block(), [&](auto block) { normalise<decltype(block)::value>(call); });
}

void InstanceNormalisationLayer::backward(const Backward& call) {
  with_block(input_.block(), [&](auto block) { differentiate<decltype(block)::value>(call); });
  if (!call.parameter_gradients || !settings_.affine) return;
  add_over_samples(tilts_, memory_.gradients[0]);
  add_over_samples(sums_, memory_.gradients[1]);
}

}  // namespace phiscope::neural
