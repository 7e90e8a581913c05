#include "pooling_layer.hpp"

#include <algorithm>

#include "halo.hpp"
#include "lanes.hpp"

namespace phiscope::neural {

PoolingLayer::PoolingLayer(const TensorLayout& input, const TensorLayout& output, const PoolingSettings& settings)
    : input_(input), output_(output), maximum_(settings.maximum) {
  std::array<std::int64_t, 3> kernel{1, 1, 1};
  const std::size_t rank = settings.kernel.size();
  for (std::size_t i = 0; i < rank; ++i) {
    kernel[3 - rank + i] = settings.kernel[i];
    stride_[3 - rank + i] = settings.stride[i];
  }
  for (std::int64_t z = 0; z < kernel[0]; ++z) {
    for (std::int64_t y = 0; y < kernel[1]; ++y) {
      for (std::int64_t x = 0; x < kernel[2]; ++x) {
        window_.push_back(input.row(z, y) - input.row(0, 0) + x * input.block());
      }
    }
  }
  if (maximum_) chosen_.resize(static_cast<std::size_t>(output.images() * output.points() * output.block()));
}

template <class Work>
void PoolingLayer::for_each_point(Work&& work) const {
  const auto [depth, height, width] = output_.extents();
  const std::int64_t block = input_.block();
  std::int64_t point = 0;
  for (std::int64_t z = 0; z < depth; ++z) {
    for (std::int64_t y = 0; y < height; ++y) {
      const std::int64_t from = input_.row(z * stride_[0], y * stride_[1]);
      const std::int64_t to = output_.row(z, y);
      for (std::int64_t x = 0; x < width; ++x) work(to + x * block, point++ * block, from + x * stride_[2] * block);
    }
  }
}

template <int Block>
void PoolingLayer::take_maximum(const float* input, float* output) {
  const std::int64_t points = output_.points();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const x = input + image * input_.image_size();
    float* const y = output + image * output_.image_size();
    std::int32_t* const chosen = chosen_.data() + image * points * Block;
    for_each_point([&](std::int64_t to, std::int64_t point, std::int64_t corner) {
      Lanes<Block> best = lanes<Block>(x + corner);
      IndexLanes<Block> where = {};
      for (std::size_t k = 1; k < window_.size(); ++k) {
        const Lanes<Block> value = lanes<Block>(x + corner + window_[k]);
        const IndexLanes<Block> here = static_cast<std::int32_t>(k) - IndexLanes<Block>{};
        where = value > best ? here : where;
        best = value > best ? value : best;
      }
      lanes<Block>(y + to) = best;
      for (int c = 0; c < Block; ++c) chosen[point + c] = where[c];
    });
    fill_halo(output_, y);
  }
}

template <int Block>
void PoolingLayer::return_maximum(const float* output_gradient, float* input_gradient) const {
  const std::int64_t points = output_.points();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const dy = output_gradient + image * output_.image_size();
    float* const dx = input_gradient + image * input_.image_size();
    const std::int32_t* const chosen = chosen_.data() + image * points * Block;
    std::fill_n(dx, input_.image_size(), 0.0F);
    for_each_point([&](std::int64_t to, std::int64_t point, std::int64_t corner) {
      for (int c = 0; c < Block; ++c) {
        dx[corner + window_[static_cast<std::size_t>(chosen[point + c])] + c] += dy[to + c];
      }
    });
  }
}

template <int Block>
void PoolingLayer::take_average(const float* input, float* output) const {
  const float share = 1.0F / static_cast<float>(window_.size());
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const x = input + image * input_.image_size();
    float* const y = output + image * output_.image_size();
    for_each_point([&](std::int64_t to, std::int64_t, std::int64_t corner) {
      Lanes<Block> sum = {};
      for (const std::int64_t step : window_) sum += lanes<Block>(x + corner + step);
      lanes<Block>(y + to) = sum * share;
    });
    fill_halo(output_, y);
  }
}

template <int Block>
void PoolingLayer::return_average(const float* output_gradient, float* input_gradient) const {
  const float share = 1.0F / static_cast<float>(window_.size());
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const dy = output_gradient + image * output_.image_size();
    float* const dx = input_gradient + image * input_.image_size();
    std::fill_n(dx, input_.image_size(), 0.0F);
    for_each_point([&](std::int64_t to, std::int64_t, std::int64_t corner) {
      const Lanes<Block> part = lanes<Block>(dy + to) * share;
      for (const std::int64_t step : window_) lanes<Block>(dx + corner + step) += part;
    });
  }
}

void PoolingLayer::forward(const Forward& call) {
  with_block(input_.block(), [&](auto block) {
    constexpr int size = decltype(block)::value;
    if (maximum_) {
      take_maximum<size>(call.inputs[0], call.output);
    } else {
      take_average<size>(call.inputs[0], call.output);
    }
  });
}

void PoolingLayer::backward(const Backward& call) {
  if (call.input_gradients[0] == nullptr) return;
  with_block(input_.block(), [&](auto block) {
    constexpr int size = decltype(block)::value;
    if (maximum_) {
      return_maximum<size>(call.output_gradient, call.input_gradients[0]);
    } else {
      return_average<size>(call.output_gradient, call.input_gradients[0]);
    }
  });
}

}  // namespace phiscope::neural
