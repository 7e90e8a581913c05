#include "leaky_relu_layer.hpp"

#include <type_traits>

#include "halo.hpp"
#include "stored_values.hpp"

namespace phiscope::neural {

LeakyReluLayer::LeakyReluLayer(const TensorLayout& input, const TensorLayout& output, double slope)
    : input_(input), output_(output), slope_(static_cast<float>(slope)) {}

const ChannelView* LeakyReluLayer::become_view() {
  is_view_ = true;
  factor_.assign(static_cast<std::size_t>(input_.padded_channels()), 1.0F);
  offset_.assign(factor_.size(), 0.0F);
  view_ = {factor_.data(), offset_.data(), slope_};
  return &view_;
}

template <int Block, class Input>
void LeakyReluLayer::rectify(const Input* input, float* output) const {
  const float slope = slope_;
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const Input* const x = input + image * input_.image_size();
    float* const y = output + image * output_.image_size();
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = 0; i < input_.extents()[2] * Block; i += Block) {
        const Lanes<Block> value = load_lanes<Block>(x + from + i);
        store_lanes<Block>(y + to + i, value > 0.0F ? value : slope * value);
      }
    });
    fill_halo(output_, y);
  }
}

template <int Block, class Input, class Output>
void LeakyReluLayer::rectify_gradient(const Input* input, const Output* output_gradient, Input* input_gradient) const {
  const float slope = slope_;
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const Input* const x = input + image * input_.image_size();
    const Output* const dy = output_gradient + image * output_.image_size();
    Input* const dx = input_gradient + image * input_.image_size();
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = 0; i < input_.extents()[2] * Block; i += Block) {
        const Lanes<Block> value = load_lanes<Block>(x + from + i);
        const Lanes<Block> incoming = load_lanes<Block>(dy + to + i);
        store_lanes<Block>(dx + from + i, value > 0.0F ? incoming : slope * incoming);
      }
    });
  }
}

void LeakyReluLayer::forward(const Forward& call) {
  if (is_view_) return;
  with_block(input_.block(), [&](auto block) {
    with_values(input_.precision(), call.inputs[0],
                [&](const auto* input) { rectify<decltype(block)::value>(input, call.output); });
  });
}

void LeakyReluLayer::backward(const Backward& call) {
  float* const input_gradient = call.input_gradients[0];
  if (input_gradient == nullptr) return;
  const float* const gradient = call.output_gradient;
  with_block(input_.block(), [&](auto block) {
    with_values(input_.precision(), call.inputs[0], [&](const auto* input) {
      with_values(output_.precision(), gradient, [&](const auto* output_gradient) {
        using Input = std::remove_cvref_t<decltype(*input)>;
        rectify_gradient<decltype(block)::value>(input, output_gradient, reinterpret_cast<Input*>(input_gradient));
      });
    });
  });
}

}  // namespace phiscope::neural
