#include "transposed_convolution_layer.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include "phiscope/base/log.hpp"

namespace phiscope::neural {
namespace {

std::int64_t product(const std::vector<std::int64_t>& factors) {
  return std::accumulate(factors.begin(), factors.end(), std::int64_t{1}, std::multiplies<>());
}

/// The convolution from the output back to the input.
ConvolutionShape shape_of(const TensorLayout& input, const TensorLayout& output,
                          const TransposedConvolutionSettings& settings) {
  ConvolutionShape shape;
  shape.batch = input.batch();
  shape.block = input.block();
  shape.input_channels = output.padded_channels();
  shape.output_channels = input.padded_channels();
  for (std::size_t i = 3 - input.rank(); i < 3; ++i) {
    shape.input_extents.push_back(output.extents()[i]);
    shape.output_extents.push_back(input.extents()[i]);
  }
  shape.kernel = settings.kernel;
  shape.stride = settings.stride;
  shape.padding = settings.padding;
  shape.bias = false;
  return shape;
}

}  // namespace

TransposedConvolutionLayer::TransposedConvolutionLayer(OneDnn& onednn, const TensorLayout& input,
                                                       const TensorLayout& output,
                                                       const TransposedConvolutionSettings& settings,
                                                       const std::string& what)
    : input_(input),
      output_(output),
      settings_(settings),
      kernel_(std::make_shared<ConvolutionKernel>(onednn, shape_of(input, output, settings), what)) {
  if (!kernel_->optimised()) {
    log::debug("{}: oneDNN has only slow reference kernels ({})", what, kernel_->implementations());
  }
}

std::vector<Parameter> TransposedConvolutionLayer::parameters() const {
  Parameter weight;
  weight.name = "weight";
  weight.shape = {input_.channels(), output_.channels()};
  weight.shape.insert(weight.shape.end(), settings_.kernel.begin(), settings_.kernel.end());
  weight.size = kernel_->weights_size();
  weight.start = Parameter::Start::he_normal;
  const std::int64_t points = product(settings_.kernel);
  // As many windows cover a point of the output, on average.
  weight.fan_in = std::max<std::int64_t>(1, input_.channels() * points / product(settings_.stride));
  const std::int64_t row = output_.channels() * points;
  const std::int64_t padded_row = output_.padded_channels() * points;
  const std::int64_t rows = input_.channels();
  const auto padded_size = static_cast<std::size_t>(input_.padded_channels() * padded_row);
  weight.pack = [=, kernel = kernel_](const float* plain, float* stored) {
    std::vector<float> padded(padded_size, 0.0F);
    for (std::int64_t i = 0; i < rows; ++i) std::copy_n(plain + i * row, row, padded.data() + i * padded_row);
    kernel->pack_weights(padded.data(), stored);
  };
  weight.unpack = [=, kernel = kernel_](const float* stored, float* plain) {
    std::vector<float> padded(padded_size);
    kernel->unpack_weights(stored, padded.data());
    for (std::int64_t i = 0; i < rows; ++i) std::copy_n(padded.data() + i * padded_row, row, plain + i * row);
  };
  std::vector<Parameter> result{std::move(weight)};
  if (settings_.bias) {
    result.push_back(channel_parameter("bias", output_.channels(), output_.padded_channels(), Parameter::Start::zero));
  }
  return result;
}

std::int64_t TransposedConvolutionLayer::flops() const {
  return 2 * input_.points() * input_.channels() * output_.channels() * product(settings_.kernel);
}

void TransposedConvolutionLayer::add_bias(float* output) const {
  const std::int64_t block = output_.block();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < output_.images(); ++image) {
    const float* const bias = memory_.parameters[1] + image % output_.groups() * block;
    float* const values = output + image * output_.image_size();
    for (std::int64_t point = 0; point < output_.points(); ++point) {
      for (std::int64_t c = 0; c < block; ++c) values[point * block + c] += bias[c];
    }
  }
}

void TransposedConvolutionLayer::find_bias_gradient(const float* output_gradient, float* bias_gradient) const {
  const std::int64_t block = output_.block();
#pragma omp parallel for schedule(static)
  for (std::int64_t group = 0; group < output_.groups(); ++group) {
    std::vector<double> sums(static_cast<std::size_t>(block), 0.0);
    for (std::int64_t sample = 0; sample < output_.batch(); ++sample) {
      const float* const dy = output_gradient + (sample * output_.groups() + group) * output_.image_size();
      for (std::int64_t point = 0; point < output_.points(); ++point) {
        for (std::int64_t c = 0; c < block; ++c) {
          sums[static_cast<std::size_t>(c)] += static_cast<double>(dy[point * block + c]);
        }
      }
    }
    std::transform(sums.begin(), sums.end(), bias_gradient + group * block,
                   [](double sum) { return static_cast<float>(sum); });
  }
}

void TransposedConvolutionLayer::forward(const Forward& call) {
  kernel_->backward_input(memory_.parameters[0], call.inputs[0], call.output, call.scratch);
  if (settings_.bias) add_bias(call.output);
}

void TransposedConvolutionLayer::backward(const Backward& call) {
  if (call.parameter_gradients) {
    kernel_->backward_weights(call.output_gradient, call.inputs[0], memory_.gradients[0], nullptr, call.scratch);
    if (settings_.bias) find_bias_gradient(call.output_gradient, memory_.gradients[1]);
  }
  if (call.input_gradients[0] != nullptr) {
    kernel_->forward(call.output_gradient, memory_.parameters[0], nullptr, call.input_gradients[0], call.scratch);
  }
}

}  // namespace phiscope::neural
