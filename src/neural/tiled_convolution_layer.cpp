#include "tiled_convolution_layer.hpp"

#include <algorithm>
#include <utility>

#include "halo.hpp"
#include "stored_values.hpp"

namespace phiscope::neural {

TiledConvolutionLayer::TiledConvolutionLayer(const TensorLayout& input, const TensorLayout& output,
                                             const ConvolutionSettings& settings, const ChannelView* view,
                                             bool output_halo_is_read)
    : input_(input),
      output_(output),
      settings_(settings),
      view_(view),
      output_halo_is_read_(output_halo_is_read),
      kernel_(TiledConvolution::make(input, output, settings)) {}

void TiledConvolutionLayer::bind(LayerMemory memory) {
  Layer::bind(std::move(memory));
  forward_weights_ = FloatArena(kernel_->prepared_size());
  backward_weights_ = FloatArena(kernel_->prepared_size());
}

const ChannelMoments* TiledConvolutionLayer::sum_moments() {
  if (!moments_) moments_ = std::make_unique<ChannelMoments>(kernel_->portions(), output_.padded_channels());
  return moments_.get();
}

std::vector<Parameter> TiledConvolutionLayer::parameters() const {
  Parameter weight = weight_parameter(output_.channels(), input_.channels(), settings_.kernel, kernel_->weights_size());
  weight.pack = [kernel = kernel_](const float* plain, float* stored) { kernel->pack_weights(plain, stored); };
  weight.unpack = [kernel = kernel_](const float* stored, float* plain) { kernel->unpack_weights(stored, plain); };
  std::vector<Parameter> result{std::move(weight)};
  if (settings_.bias) {
    result.push_back(channel_parameter("bias", output_.channels(), output_.padded_channels(), Parameter::Start::zero));
  }
  return result;
}

std::size_t TiledConvolutionLayer::own_memory() const {
  return 2 * kernel_->prepared_size() * sizeof(float);
}

std::int64_t TiledConvolutionLayer::flops() const {
  return 2 * parameters().front().count() * output_.points();
}

void TiledConvolutionLayer::parameters_changed() {
  forward_is_prepared_ = false;
  backward_is_prepared_ = false;
}

const float* TiledConvolutionLayer::forward_weights() {
  if (kernel_->prepared_size() == 0) return memory_.parameters[0];
  if (!forward_is_prepared_) kernel_->prepare_forward(memory_.parameters[0], forward_weights_.data());
  forward_is_prepared_ = true;
  return forward_weights_.data();
}

const float* TiledConvolutionLayer::backward_weights() {
  if (kernel_->prepared_size() == 0) return memory_.parameters[0];
  if (!backward_is_prepared_) kernel_->prepare_backward(memory_.parameters[0], backward_weights_.data());
  backward_is_prepared_ = true;
  return backward_weights_.data();
}

void TiledConvolutionLayer::forward(const Forward& call) {
  kernel_->forward({call.inputs[0], view_, forward_weights(), settings_.bias ? memory_.parameters[1] : nullptr,
                    call.output, call.pass.mode == Mode::training ? moments_.get() : nullptr, call.scratch});
  if (output_halo_is_read_) fill_halos(output_, call.output);
}

void TiledConvolutionLayer::backward(const Backward& call) {
  if (call.parameter_gradients) {
    kernel_->backward_weights(call.inputs[0], view_, call.output_gradient, memory_.gradients[0], call.scratch);
    if (settings_.bias) {
      with_values(output_.precision(), call.output_gradient, [&](const auto* values) { sum_bias_gradient(values); });
    }
  }
  float* const gradient = call.input_gradients[0];
  if (gradient == nullptr) return;
  fill_halos(output_, call.output_gradient);
  kernel_->backward_input(call.output_gradient, backward_weights(), gradient, call.scratch);
}

template <class Value>
void TiledConvolutionLayer::sum_bias_gradient(const Value* output_gradient) {
  const std::int64_t block = output_.block();
  const std::int64_t width = output_.extents()[2];
#pragma omp parallel for schedule(static)
  for (std::int64_t group = 0; group < output_.groups(); ++group) {
    std::vector<double> sums(static_cast<std::size_t>(block), 0.0);
    for (std::int64_t sample = 0; sample < output_.batch(); ++sample) {
      const Value* const image = output_gradient + (sample * output_.groups() + group) * output_.image_size();
      for_each_row(output_, output_, [&](std::int64_t row, std::int64_t) {
        for (std::int64_t x = 0; x < width; ++x) {
          for (std::int64_t c = 0; c < block; ++c) {
            sums[static_cast<std::size_t>(c)] += static_cast<double>(as_float(image[row + x * block + c]));
          }
        }
      });
    }
    float* const target = memory_.gradients[1] + group * block;
    std::transform(sums.begin(), sums.end(), target, [](double value) { return static_cast<float>(value); });
  }
}

}  // namespace phiscope::neural
