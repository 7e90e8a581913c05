#include "pooling_layer.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "halo.hpp"
#include "lanes.hpp"

namespace phiscope::neural {
namespace {

/// One byte per channel of a block.
template <int Block>
struct ByteLanesOf {
  typedef std::uint8_t type __attribute__((vector_size(Block), may_alias, aligned(Block)));
};
template <int Block>
using ByteLanes = typename ByteLanesOf<Block>::type;

}  // namespace

PoolingLayer::PoolingLayer(const TensorLayout& input, const TensorLayout& output, const PoolingSettings& settings)
    : input_(input), output_(output), maximum_(settings.maximum) {
  const std::size_t rank = settings.kernel.size();
  for (std::size_t i = 0; i < rank; ++i) {
    kernel_[3 - rank + i] = settings.kernel[i];
    stride_[3 - rank + i] = settings.stride[i];
    padding_[3 - rank + i] = settings.padding[i];
  }
  for (std::int64_t z = 0; z < kernel_[0]; ++z) {
    for (std::int64_t y = 0; y < kernel_[1]; ++y) {
      for (std::int64_t x = 0; x < kernel_[2]; ++x) {
        window_.push_back({{z, y, x}, input.row(z, y) - input.row(0, 0) + x * input.block()});
      }
    }
  }
}

std::size_t PoolingLayer::own_memory() const {
  return maximum_ ? static_cast<std::size_t>(output_.images() * output_.points() * output_.block()) : 0;
}

void PoolingLayer::bind(LayerMemory memory) {
  Layer::bind(std::move(memory));
  chosen_.resize(own_memory());
}

bool PoolingLayer::tiles() const {
  return kernel_ == stride_ && padding_ == std::array<std::int64_t, 3>{0, 0, 0};
}

template <class Work>
void PoolingLayer::for_each_window(Work&& work) const {
  const auto [depth, height, width] = output_.extents();
  const std::int64_t block = input_.block();
  Window window{};
  const auto is_inside = [&](std::size_t i) {
    return window.corner[i] >= 0 && window.corner[i] + kernel_[i] <= input_.extents()[i];
  };
  for (std::int64_t z = 0; z < depth; ++z) {
    window.corner[0] = z * stride_[0] - padding_[0];
    for (std::int64_t y = 0; y < height; ++y) {
      window.corner[1] = y * stride_[1] - padding_[1];
      const bool row_inside = is_inside(0) && is_inside(1);
      const std::int64_t row = input_.row(window.corner[0], window.corner[1]);
      for (std::int64_t x = 0; x < width; ++x, ++window.count) {
        window.corner[2] = x * stride_[2] - padding_[2];
        window.whole = row_inside && is_inside(2);
        window.start = row + window.corner[2] * block;
        window.output = output_.row(z, y) + x * block;
        work(std::as_const(window));
      }
    }
  }
}

template <class Work>
void PoolingLayer::for_each_point(const Window& window, Work&& work) const {
  const auto lies_inside = [&](const WindowPoint& point) {
    for (std::size_t i = 0; i < 3; ++i) {
      const std::int64_t place = window.corner[i] + point.place[i];
      if (place < 0 || place >= input_.extents()[i]) return false;
    }
    return true;
  };
  for (std::size_t k = 0; k < window_.size(); ++k) {
    if (window.whole || lies_inside(window_[k])) work(window.start + window_[k].step, k);
  }
}

template <int Block>
void PoolingLayer::take_maximum(const float* input, float* output) {
  const std::int64_t points = output_.points();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const x = input + image * input_.image_size();
    float* const y = output + image * output_.image_size();
    std::uint8_t* const chosen = chosen_.data() + image * points * Block;
    for_each_window([&](const Window& window) {
      Lanes<Block> best = Lanes<Block>{} - std::numeric_limits<float>::infinity();
      IndexLanes<Block> where = {};
      for_each_point(window, [&](std::int64_t place, std::size_t k) {
        const Lanes<Block> value = lanes<Block>(x + place);
        const IndexLanes<Block> here = static_cast<std::int32_t>(k) + IndexLanes<Block>{};
        const auto larger = (value > best) | (value != value);  // what is not a number stays and is seen
        where = larger ? here : where;
        best = larger ? value : best;
      });
      lanes<Block>(y + window.output) = best;
      *reinterpret_cast<ByteLanes<Block>*>(chosen + window.count * Block) =
          __builtin_convertvector(where, ByteLanes<Block>);
    });
    fill_halo(output_, y);
  }
}

template <int Block>
void PoolingLayer::return_maximum(const float* output_gradient, float* input_gradient) const {
  const std::int64_t points = output_.points();
  const bool once = tiles();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const dy = output_gradient + image * output_.image_size();
    float* const dx = input_gradient + image * input_.image_size();
    const std::uint8_t* const chosen = chosen_.data() + image * points * Block;
    if (!once) std::fill_n(dx, input_.image_size(), 0.0F);
    for_each_window([&](const Window& window) {
      const auto bytes = *reinterpret_cast<const ByteLanes<Block>*>(chosen + window.count * Block);
      const auto where = __builtin_convertvector(bytes, IndexLanes<Block>);
      const Lanes<Block> incoming = lanes<Block>(dy + window.output);
      for_each_point(window, [&](std::int64_t place, std::size_t k) {
        const IndexLanes<Block> here = static_cast<std::int32_t>(k) + IndexLanes<Block>{};
        const Lanes<Block> part = where == here ? incoming : Lanes<Block>{};
        Lanes<Block>& target = lanes<Block>(dx + place);
        target = once ? part : target + part;
      });
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
    for_each_window([&](const Window& window) {
      Lanes<Block> sum = {};
      for_each_point(window, [&](std::int64_t place, std::size_t) { sum += lanes<Block>(x + place); });
      lanes<Block>(y + window.output) = sum * share;
    });
    fill_halo(output_, y);
  }
}

template <int Block>
void PoolingLayer::return_average(const float* output_gradient, float* input_gradient) const {
  const float share = 1.0F / static_cast<float>(window_.size());
  const bool once = tiles();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const dy = output_gradient + image * output_.image_size();
    float* const dx = input_gradient + image * input_.image_size();
    if (!once) std::fill_n(dx, input_.image_size(), 0.0F);
    for_each_window([&](const Window& window) {
      const Lanes<Block> part = lanes<Block>(dy + window.output) * share;
      for_each_point(window, [&](std::int64_t place, std::size_t) {
        Lanes<Block>& target = lanes<Block>(dx + place);
        target = once ? part : target + part;
      });
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
