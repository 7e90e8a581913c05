#include "flatten_layer.hpp"

#include <algorithm>

namespace phiscope::neural {

FlattenLayer::FlattenLayer(const TensorLayout& input, const TensorLayout& output) : input_(input), output_(output) {}

template <class Work>
void FlattenLayer::for_each_value(Work&& work) const {
  const std::int64_t block = input_.block();
  // Three names, not a structured binding: clang 14 cannot share one among the threads.
  const std::int64_t depth = input_.extents()[0];
  const std::int64_t height = input_.extents()[1];
  const std::int64_t width = input_.extents()[2];
#pragma omp parallel for schedule(static)
  for (std::int64_t sample = 0; sample < input_.batch(); ++sample) {
    // A vector lies in memory in its plain order, block after block, so that the target just counts up.
    std::int64_t to = sample * output_.padded_channels();
    for (std::int64_t c = 0; c < input_.channels(); ++c) {
      const std::int64_t image = (sample * input_.groups() + c / block) * input_.image_size() + c % block;
      for (std::int64_t z = 0; z < depth; ++z) {
        for (std::int64_t y = 0; y < height; ++y) {
          const std::int64_t row = image + input_.row(z, y);
          for (std::int64_t x = 0; x < width; ++x) work(row + x * block, to++);
        }
      }
    }
  }
}

void FlattenLayer::forward(const Forward& call) {
  if (output_.padded_channels() != output_.channels()) std::fill_n(call.output, output_.size(), 0.0F);
  for_each_value([&](std::int64_t from, std::int64_t to) { call.output[to] = call.inputs[0][from]; });
}

void FlattenLayer::backward(const Backward& call) {
  float* const dx = call.input_gradients[0];
  if (dx == nullptr) return;
  if (input_.padded_channels() != input_.channels()) std::fill_n(dx, input_.size(), 0.0F);
  for_each_value([&](std::int64_t from, std::int64_t to) { dx[from] = call.output_gradient[to]; });
}

}  // namespace phiscope::neural
