#include "global_pooling_layer.hpp"

#include <algorithm>

#include "lanes.hpp"

namespace phiscope::neural {

// A vector's groups follow one another as the input's images do: image i of the input is block i of the output.
GlobalPoolingLayer::GlobalPoolingLayer(const TensorLayout& input, const TensorLayout& output, bool maximum)
    : input_(input), output_(output), maximum_(maximum) {
  if (maximum_) chosen_.resize(static_cast<std::size_t>(output_.size()));
}

template <int Block>
void GlobalPoolingLayer::take_average(const float* input, float* output) const {
  const auto share = 1.0 / static_cast<double>(input_.points());
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const x = input + image * input_.image_size();
    double sums[Block] = {};
    for_each_row(input_, input_, [&](std::int64_t row, std::int64_t) {
      Lanes<Block> sum = {};
      for (std::int64_t i = 0; i < input_.extents()[2]; ++i) sum += lanes<Block>(x + row + i * Block);
      for (int c = 0; c < Block; ++c) sums[c] += static_cast<double>(sum[c]);
    });
    for (int c = 0; c < Block; ++c) output[image * Block + c] = static_cast<float>(sums[c] * share);
  }
}

template <int Block>
void GlobalPoolingLayer::return_average(const float* output_gradient, float* input_gradient) const {
  const auto share = static_cast<float>(1.0 / static_cast<double>(input_.points()));
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const Lanes<Block> part = lanes<Block>(output_gradient + image * Block) * share;
    float* const dx = input_gradient + image * input_.image_size();
    for_each_row(input_, input_, [&](std::int64_t row, std::int64_t) {
      for (std::int64_t i = 0; i < input_.extents()[2]; ++i) lanes<Block>(dx + row + i * Block) = part;
    });
  }
}

void GlobalPoolingLayer::take_maximum(const float* input, float* output) {
  const std::int64_t block = input_.block();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const x = input + image * input_.image_size();
    std::int64_t* const chosen = chosen_.data() + image * block;
    for (std::int64_t c = 0; c < block; ++c) chosen[c] = input_.row(0, 0) + c;
    for_each_row(input_, input_, [&](std::int64_t row, std::int64_t) {
      for (std::int64_t i = 0; i < input_.extents()[2]; ++i) {
        for (std::int64_t c = 0; c < block; ++c) {
          const std::int64_t here = row + i * block + c;
          const bool larger = x[here] > x[chosen[c]] || x[here] != x[here];
          if (larger) chosen[c] = here;
        }
      }
    });
    for (std::int64_t c = 0; c < block; ++c) output[image * block + c] = x[chosen[c]];
  }
}

void GlobalPoolingLayer::return_maximum(const float* output_gradient, float* input_gradient) const {
  const std::int64_t block = input_.block();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    float* const dx = input_gradient + image * input_.image_size();
    std::fill_n(dx, input_.image_size(), 0.0F);
    for (std::int64_t c = image * block; c < (image + 1) * block; ++c) {
      dx[chosen_[static_cast<std::size_t>(c)]] = output_gradient[c];
    }
  }
}

void GlobalPoolingLayer::forward(const Forward& call) {
  if (maximum_) return take_maximum(call.inputs[0], call.output);
  with_block(input_.block(), [&](auto block) { take_average<decltype(block)::value>(call.inputs[0], call.output); });
}

void GlobalPoolingLayer::backward(const Backward& call) {
  float* const dx = call.input_gradients[0];
  if (dx == nullptr) return;
  if (maximum_) return return_maximum(call.output_gradient, dx);
  with_block(input_.block(), [&](auto block) { return_average<decltype(block)::value>(call.output_gradient, dx); });
}

}  // namespace phiscope::neural
