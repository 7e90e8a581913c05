#include "upsampling_layer.hpp"

#include <algorithm>
#include <cmath>

#include "halo.hpp"
#include "lanes.hpp"

namespace phiscope::neural {

UpsamplingLayer::UpsamplingLayer(const TensorLayout& input, const TensorLayout& output,
                                 const UpsamplingSettings& settings)
    : input_(input), output_(output) {
  const std::size_t missing = 3 - settings.factor.size();
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t extent = input.extents()[i];
    const std::int64_t factor = i < missing ? 1 : settings.factor[i - missing];
    for (std::int64_t fine = 0; fine < output.extents()[i]; ++fine) {
      const double place = (static_cast<double>(fine) + 0.5) / static_cast<double>(factor) - 0.5;
      const auto lower = static_cast<std::int64_t>(std::floor(place));
      const auto upper_weight = static_cast<float>(place - std::floor(place));
      const auto inside = [&](std::int64_t n) {
        return settings.circular ? (n + extent) % extent : std::clamp<std::int64_t>(n, 0, extent - 1);
      };
      const std::int64_t nearest = fine / factor;
      neighbours_[i].push_back(settings.linear
                                   ? Neighbours{{inside(lower), inside(lower + 1)}, {1.0F - upper_weight, upper_weight}}
                                   : Neighbours{{nearest, nearest}, {1.0F, 0.0F}});
    }
  }
}

template <class Work>
void UpsamplingLayer::for_each_share(Work&& work) const {
  const auto [depth, height, width] = output_.extents();
  const std::int64_t block = input_.block();
  for (std::int64_t z = 0; z < depth; ++z) {
    for (std::int64_t y = 0; y < height; ++y) {
      const auto& from_z = neighbours_[0][static_cast<std::size_t>(z)];
      const auto& from_y = neighbours_[1][static_cast<std::size_t>(y)];
      for (std::size_t corner = 0; corner < 4; ++corner) {
        const float row_weight = from_z.weight[corner / 2] * from_y.weight[corner % 2];
        if (row_weight == 0.0F) continue;
        const std::int64_t from = input_.row(from_z.place[corner / 2], from_y.place[corner % 2]);
        const std::int64_t to = output_.row(z, y);
        for (std::int64_t x = 0; x < width; ++x) {
          const auto& from_x = neighbours_[2][static_cast<std::size_t>(x)];
          for (std::size_t side = 0; side < 2; ++side) {
            const float weight = row_weight * from_x.weight[side];
            if (weight != 0.0F) work(to + x * block, from + from_x.place[side] * block, weight);
          }
        }
      }
    }
  }
}

template <int Block>
void UpsamplingLayer::interpolate(const float* input, float* output) const {
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const x = input + image * input_.image_size();
    float* const y = output + image * output_.image_size();
    std::fill_n(y, output_.image_size(), 0.0F);
    for_each_share([&](std::int64_t to, std::int64_t from, float weight) {
      lanes<Block>(y + to) += weight * lanes<Block>(x + from);
    });
    fill_halo(output_, y);
  }
}

template <int Block>
void UpsamplingLayer::return_gradient(const float* output_gradient, float* input_gradient) const {
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const dy = output_gradient + image * output_.image_size();
    float* const dx = input_gradient + image * input_.image_size();
    std::fill_n(dx, input_.image_size(), 0.0F);
    for_each_share([&](std::int64_t to, std::int64_t from, float weight) {
      lanes<Block>(dx + from) += weight * lanes<Block>(dy + to);
    });
  }
}

void UpsamplingLayer::forward(const Forward& call) {
  with_block(input_.block(), [&](auto block) { interpolate<decltype(block)::value>(call.inputs[0], call.output); });
}

void UpsamplingLayer::backward(const Backward& call) {
  float* const dx = call.input_gradients[0];
  if (dx == nullptr) return;
  with_block(input_.block(), [&](auto block) { return_gradient<decltype(block)::value>(call.output_gradient, dx); });
}

}  // namespace phiscope::neural
