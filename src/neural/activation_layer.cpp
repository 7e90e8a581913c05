#include "activation_layer.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <cassert>
#include <numbers>
#include <unsupported/Eigen/SpecialFunctions>

#include "halo.hpp"

namespace phiscope::neural {
namespace {

using Values = Eigen::Map<const Eigen::ArrayXf>;
using Result = Eigen::Map<Eigen::ArrayXf>;

// Klambauer et al. 2017, eq. 14.
constexpr float selu_alpha = 1.67326324F;
constexpr float selu_scale = 1.05070099F;

constexpr auto root_half = static_cast<float>(0.5 * std::numbers::sqrt2);

void evaluate(const ActivationSettings& settings, const Values& x, Result y) {
  switch (settings.function) {
    case Activation::leaky_relu:
      return;  // LeakyReluLayer's
    case Activation::elu:
      y = x.max(0.0F) + (x.min(0.0F).exp() - 1.0F);
      return;
    case Activation::selu:
      y = selu_scale * (x.max(0.0F) + selu_alpha * (x.min(0.0F).exp() - 1.0F));
      return;
    case Activation::gelu:
      y = 0.5F * x * (1.0F + (root_half * x).erf());
      return;
    case Activation::sigmoid:
      y = x.logistic();
      return;
    case Activation::tanh:
      y = static_cast<float>(settings.scale) * x.tanh();
      return;
  }
}

/// dx = f'(x)·dy; dx may be x.
void differentiate(const ActivationSettings& settings, const Values& x, const Values& dy, Result dx) {
  switch (settings.function) {
    case Activation::leaky_relu:
      return;  // LeakyReluLayer's
    case Activation::elu:
      dx = x.min(0.0F).exp() * dy;
      return;
    case Activation::selu: {
      const Eigen::ArrayXf below = selu_alpha * x.min(0.0F).exp();  // apart: a select keeps it from being vectorised
      dx = selu_scale * (x > 0.0F).select(dy, below * dy);
      return;
    }
    case Activation::gelu: {
      constexpr auto density_at_zero = static_cast<float>(root_half * std::numbers::inv_sqrtpi);
      dx = (0.5F * (1.0F + (root_half * x).erf()) + density_at_zero * x * (-0.5F * x.square()).exp()) * dy;
      return;
    }
    case Activation::sigmoid:
      dx = x.logistic() * (-x).logistic() * dy;
      return;
    case Activation::tanh:
      dx = static_cast<float>(settings.scale) * (1.0F - x.tanh().square()) * dy;
      return;
  }
}

/// Zeroes the padding of one image. Only the sigmoid does not leave zeros as they are.
void clear_padding(const TensorLayout& layout, std::int64_t image, float* values) {
  const std::int64_t block = layout.block();
  const std::int64_t channels = layout.channels() - image % layout.groups() * block;
  if (channels >= block) return;
  for_each_row(layout, layout, [&](std::int64_t row, std::int64_t) {
    for (std::int64_t x = 0; x < layout.extents()[2]; ++x) {
      std::fill_n(values + row + x * block + channels, block - channels, 0.0F);
    }
  });
}

}  // namespace

ActivationLayer::ActivationLayer(const TensorLayout& input, const TensorLayout& output,
                                 const ActivationSettings& settings)
    : input_(input), output_(output), settings_(settings) {
  assert(settings.function != Activation::leaky_relu);
}

void ActivationLayer::forward(const Forward& call) {
  const std::int64_t length = input_.extents()[2] * input_.block();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const x = call.inputs[0] + image * input_.image_size();
    float* const y = call.output + image * output_.image_size();
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      evaluate(settings_, Values(x + from, length), Result(y + to, length));
    });
    if (settings_.function == Activation::sigmoid) clear_padding(output_, image, y);
    fill_halo(output_, y);
  }
}

void ActivationLayer::backward(const Backward& call) {
  if (call.input_gradients[0] == nullptr) return;
  const std::int64_t length = input_.extents()[2] * input_.block();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const x = call.inputs[0] + image * input_.image_size();
    const float* const dy = call.output_gradient + image * output_.image_size();
    float* const dx = call.input_gradients[0] + image * input_.image_size();
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      differentiate(settings_, Values(x + from, length), Values(dy + to, length), Result(dx + from, length));
    });
  }
}

}  // namespace phiscope::neural
