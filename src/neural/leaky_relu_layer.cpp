#include "leaky_relu_layer.hpp"

#include "halo.hpp"

namespace phiscope::neural {

LeakyReluLayer::LeakyReluLayer(const TensorLayout& input, const TensorLayout& output, double slope)
    : input_(input), output_(output), slope_(static_cast<float>(slope)) {}

void LeakyReluLayer::forward(const Forward& call) {
  const std::int64_t length = input_.extents()[2] * input_.block();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const x = call.inputs[0] + image * input_.image_size();
    float* const y = call.output + image * output_.image_size();
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = 0; i < length; ++i) y[to + i] = x[from + i] > 0.0F ? x[from + i] : slope_ * x[from + i];
    });
    fill_halo(output_, y);
  }
}

void LeakyReluLayer::backward(const Backward& call) {
  if (call.input_gradients[0] == nullptr) return;
  const std::int64_t length = input_.extents()[2] * input_.block();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const x = call.inputs[0] + image * input_.image_size();
    const float* const dy = call.output_gradient + image * output_.image_size();
    float* const dx = call.input_gradients[0] + image * input_.image_size();
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = 0; i < length; ++i) dx[from + i] = x[from + i] > 0.0F ? dy[to + i] : slope_ * dy[to + i];
    });
  }
}

}  // namespace phiscope::neural
