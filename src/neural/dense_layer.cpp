#include "dense_layer.hpp"

#include <algorithm>

#include "onednn_adapter.hpp"

namespace phiscope::neural {

DenseLayer::DenseLayer(const TensorLayout& input, const TensorLayout& output, bool bias)
    : input_(input), output_(output), bias_(bias) {}

std::vector<Parameter> DenseLayer::parameters() const {
  Parameter weight =
      weight_parameter(output_.channels(), input_.channels(), std::span(input_.extents()).subspan(3 - input_.rank()),
                       static_cast<std::size_t>(outer() * inner()));
  // A row of W is laid out as a sample of the input is: packing it is storing outputs-many "samples".
  SampleShape sample{input_.channels(), {}};
  for (std::size_t i = 3 - input_.rank(); i < 3; ++i) sample.extents.push_back(input_.extents()[i]);
  const TensorLayout rows(sample, output_.channels(), input_.block());
  const auto plain_size = static_cast<std::size_t>(weight.count());
  weight.pack = [rows, plain_size, size = weight.size](const float* plain, float* stored) {
    std::fill_n(stored, size, 0.0F);
    store_plain(rows, {plain, plain_size}, stored);
  };
  weight.unpack = [rows, plain_size](const float* stored, float* plain) {
    load_plain(rows, stored, {plain, plain_size});
  };
  std::vector<Parameter> result{std::move(weight)};
  if (bias_) result.push_back(channel_parameter("bias", output_.channels(), outer(), Parameter::Start::zero));
  return result;
}

std::int64_t DenseLayer::flops() const {
  return 2 * output_.channels() * input_.channels() * input_.points();
}

void DenseLayer::forward(const Forward& call) {
  OneDnn::multiply(false, true, input_.batch(), outer(), inner(), call.inputs[0], memory_.parameters[0], call.output);
  if (!bias_) return;
  const float* const bias = memory_.parameters[1];
  for (std::int64_t sample = 0; sample < input_.batch(); ++sample) {
    float* const row = call.output + sample * outer();
    for (std::int64_t c = 0; c < outer(); ++c) row[c] += bias[c];
  }
}

void DenseLayer::backward(const Backward& call) {
  if (call.parameter_gradients) {
    OneDnn::multiply(true, false, outer(), inner(), input_.batch(), call.output_gradient, call.inputs[0],
                     memory_.gradients[0]);
    if (bias_) {
      float* const bias_gradient = memory_.gradients[1];
      std::fill_n(bias_gradient, outer(), 0.0F);
      for (std::int64_t sample = 0; sample < input_.batch(); ++sample) {
        const float* const row = call.output_gradient + sample * outer();
        for (std::int64_t c = 0; c < outer(); ++c) bias_gradient[c] += row[c];
      }
    }
  }
  if (call.input_gradients[0] != nullptr) {
    OneDnn::multiply(false, false, input_.batch(), inner(), outer(), call.output_gradient, memory_.parameters[0],
                     call.input_gradients[0]);
  }
}

}  // namespace phiscope::neural
