#include "dropout_layer.hpp"

#include <cmath>

#include "halo.hpp"
#include "phiscope/base/random.hpp"

namespace phiscope::neural {

DropoutLayer::DropoutLayer(const TensorLayout& input, const TensorLayout& output, double probability,
                           std::uint64_t layer)
    : input_(input),
      output_(output),
      probability_(probability),
      layer_(layer),
      mask_(static_cast<std::size_t>(input.size()), 0.0F) {}

void DropoutLayer::draw_mask(const Pass& pass) {
  const std::int64_t block = input_.block();
  const auto [depth, height, width] = input_.extents();
  const auto kept = static_cast<float>(1.0 / (1.0 - probability_));
  // 32 random bits decide on a value: dropped below this threshold.
  const auto threshold = static_cast<std::uint64_t>(std::llround(probability_ * 4294967296.0));
#pragma omp parallel for schedule(static)
  for (std::int64_t sample = 0; sample < input_.batch(); ++sample) {
    RandomStream stream(RandomPurpose::dropout, pass.seed, pass.step,
                        pass.sample_keys[static_cast<std::size_t>(sample)], layer_);
    std::uint64_t bits = 0;
    bool half_left = false;
    for (std::int64_t c = 0; c < input_.channels(); ++c) {
      float* const image = mask_.data() + (sample * input_.groups() + c / block) * input_.image_size() + c % block;
      for (std::int64_t z = 0; z < depth; ++z) {
        for (std::int64_t y = 0; y < height; ++y) {
          float* const row = image + input_.row(z, y);
          for (std::int64_t x = 0; x < width; ++x) {
            bits = half_left ? bits >> 32 : stream.bits();
            half_left = !half_left;
            row[x * block] = (bits & 0xffffffffU) < threshold ? 0.0F : kept;
          }
        }
      }
    }
  }
}

void DropoutLayer::forward(const Forward& call) {
  if (call.pass.mode == Mode::inference) {
    copy_interior(input_, call.inputs[0], output_, call.output);
    fill_halos(output_, call.output);
    return;
  }
  draw_mask(call.pass);
  const std::int64_t length = input_.extents()[2] * input_.block();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const x = call.inputs[0] + image * input_.image_size();
    const float* const mask = mask_.data() + image * input_.image_size();
    float* const y = call.output + image * output_.image_size();
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = 0; i < length; ++i) y[to + i] = x[from + i] * mask[from + i];
    });
    fill_halo(output_, y);
  }
}

void DropoutLayer::backward(const Backward& call) {
  float* const gradient = call.input_gradients[0];
  if (gradient == nullptr) return;
  if (call.mode == Mode::inference) return copy_interior(output_, call.output_gradient, input_, gradient);
  const std::int64_t length = input_.extents()[2] * input_.block();
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const dy = call.output_gradient + image * output_.image_size();
    const float* const mask = mask_.data() + image * input_.image_size();
    float* const dx = gradient + image * input_.image_size();
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = 0; i < length; ++i) dx[from + i] = dy[to + i] * mask[from + i];
    });
  }
}

}  // namespace phiscope::neural
