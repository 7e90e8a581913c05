#include "prelu_layer.hpp"

#include <algorithm>

#include "halo.hpp"
#include "lanes.hpp"

namespace phiscope::neural {

PreluLayer::PreluLayer(const TensorLayout& input, const TensorLayout& output, bool per_channel)
    : input_(input),
      output_(output),
      per_channel_(per_channel),
      partial_(static_cast<std::size_t>(input.images() * input.block())) {}

std::vector<Parameter> PreluLayer::parameters() const {
  // One slope lies at the start of a block of its own.
  const std::int64_t channels = per_channel_ ? input_.channels() : 1;
  const std::int64_t stored = per_channel_ ? input_.padded_channels() : input_.block();
  return {channel_parameter("weight", channels, stored, Parameter::Start::prelu)};
}

template <int Block>
auto PreluLayer::slopes_from(std::int64_t first) const {
  const float* const slopes = memory_.parameters[0];
  return per_channel_ ? lanes_from<Block>(slopes + first) : slopes[0] + Lanes<Block>{};
}

template <int Block>
void PreluLayer::apply(const Forward& call) const {
  const std::int64_t width = input_.extents()[2];
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const Lanes<Block> slope = slopes_from<Block>(image % input_.groups() * Block);
    const float* const x = call.inputs[0] + image * input_.image_size();
    float* const y = call.output + image * output_.image_size();
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = 0; i < width; ++i) {
        const Lanes<Block> value = lanes<Block>(x + from + i * Block);
        lanes<Block>(y + to + i * Block) = value > 0.0F ? value : slope * value;
      }
    });
    fill_halo(output_, y);
  }
}

template <int Block>
void PreluLayer::differentiate(const Backward& call) {
  const std::int64_t width = input_.extents()[2];
  float* const target = call.input_gradients[0];
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const Lanes<Block> slope = slopes_from<Block>(image % input_.groups() * Block);
    const float* const x = call.inputs[0] + image * input_.image_size();
    const float* const dy = call.output_gradient + image * output_.image_size();
    float* const dx = target == nullptr ? nullptr : target + image * input_.image_size();
    double* const sums = partial_.data() + image * Block;
    std::fill_n(sums, Block, 0.0);
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      Lanes<Block> sum = {};
      for (std::int64_t i = 0; i < width; ++i) {
        const Lanes<Block> value = lanes<Block>(x + from + i * Block);
        const Lanes<Block> incoming = lanes<Block>(dy + to + i * Block);
        sum += value > 0.0F ? Lanes<Block>{} : value * incoming;
        if (dx != nullptr) lanes<Block>(dx + from + i * Block) = value > 0.0F ? incoming : slope * incoming;
      }
      for (int c = 0; c < Block; ++c) sums[c] += static_cast<double>(sum[c]);
    });
  }
}

void PreluLayer::add_partial_sums(float* gradient) const {
  const std::int64_t block = input_.block();
  std::vector<double> sums(static_cast<std::size_t>(per_channel_ ? input_.padded_channels() : block), 0.0);
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    for (std::int64_t c = 0; c < block; ++c) {
      const std::int64_t slope = per_channel_ ? image % input_.groups() * block + c : 0;
      sums[static_cast<std::size_t>(slope)] += partial_[static_cast<std::size_t>(image * block + c)];
    }
  }
  std::transform(sums.begin(), sums.end(), gradient, [](double sum) { return static_cast<float>(sum); });
}

void PreluLayer::forward(const Forward& call) {
  with_block(input_.block(), [&](auto block) { apply<decltype(block)::value>(call); });
}

void PreluLayer::backward(const Backward& call) {
  with_block(input_.block(), [&](auto block) { differentiate<decltype(block)::value>(call); });
  if (call.parameter_gradients) add_partial_sums(memory_.gradients[0]);
}

}  // namespace phiscope::neural
