#include "convolution_layer.hpp"

#include <algorithm>

#include "halo.hpp"

namespace phiscope::neural {
namespace {

ConvolutionShape shape_of(const TensorLayout& input, const TensorLayout& output, const ConvolutionSettings& settings) {
  ConvolutionShape shape;
  shape.batch = input.batch();
  shape.block = output.block();
  shape.input_channels = input.padded_channels();
  shape.output_channels = output.padded_channels();
  shape.plain_input = input.block() == 1;
  for (std::size_t i = 3 - input.rank(); i < 3; ++i) {
    shape.input_extents.push_back(input.stored()[i]);
    shape.output_extents.push_back(output.extents()[i]);
  }
  shape.kernel = settings.kernel;
  shape.stride = settings.stride;
  shape.padding = settings.circular ? std::vector<std::int64_t>(input.rank(), 0) : settings.padding;
  shape.bias = settings.bias;
  return shape;
}

}  // namespace

ConvolutionLayer::ConvolutionLayer(OneDnn& onednn, const TensorLayout& input, const TensorLayout& output,
                                   const ConvolutionSettings& settings, const std::string& what)
    : input_(input),
      output_(output),
      settings_(settings),
      kernel_(std::make_shared<ConvolutionKernel>(onednn, shape_of(input, output, settings), what)) {}

std::vector<Parameter> ConvolutionLayer::parameters() const {
  Parameter weight = weight_parameter(output_.channels(), input_.channels(), settings_.kernel, kernel_->weights_size());
  const std::int64_t points = weight.fan_in / input_.channels();
  const std::int64_t row = input_.channels() * points;
  const std::int64_t padded_row = input_.padded_channels() * points;
  const std::int64_t rows = output_.channels();
  const auto padded_size = static_cast<std::size_t>(output_.padded_channels() * padded_row);
  weight.pack = [=, kernel = kernel_](const float* plain, float* stored) {
    std::vector<float> padded(padded_size, 0.0F);
    for (std::int64_t o = 0; o < rows; ++o) std::copy_n(plain + o * row, row, padded.data() + o * padded_row);
    kernel->pack_weights(padded.data(), stored);
  };
  weight.unpack = [=, kernel = kernel_](const float* stored, float* plain) {
    std::vector<float> padded(padded_size);
    kernel->unpack_weights(stored, padded.data());
    for (std::int64_t o = 0; o < rows; ++o) std::copy_n(padded.data() + o * padded_row, row, plain + o * row);
  };
  std::vector<Parameter> result{std::move(weight)};
  if (settings_.bias) {
    result.push_back(channel_parameter("bias", output_.channels(), output_.padded_channels(), Parameter::Start::zero));
  }
  return result;
}

std::int64_t ConvolutionLayer::flops() const {
  return 2 * parameters().front().count() * output_.points();
}

void ConvolutionLayer::forward(const Forward& call) {
  const float* const bias = settings_.bias ? memory_.parameters[1] : nullptr;
  kernel_->forward(call.inputs[0], memory_.parameters[0], bias, call.output, call.scratch);
}

void ConvolutionLayer::backward(const Backward& call) {
  if (call.parameter_gradients) {
    float* const bias_gradient = settings_.bias ? memory_.gradients[1] : nullptr;
    kernel_->backward_weights(call.inputs[0], call.output_gradient, memory_.gradients[0], bias_gradient, call.scratch);
  }
  float* const gradient = call.input_gradients[0];
  if (gradient == nullptr) return;
  kernel_->backward_input(memory_.parameters[0], call.output_gradient, gradient, call.scratch);
  fold_halos(input_, gradient);
}

}  // namespace phiscope::neural
