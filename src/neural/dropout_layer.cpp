#include "dropout_layer.hpp"

#include <cmath>
#include <utility>

#include "halo.hpp"
#include "phiscope/base/random.hpp"

namespace phiscope::neural {

DropoutLayer::DropoutLayer(const TensorLayout& input, const TensorLayout& output, double probability,
                           std::uint64_t layer)
    : input_(input), output_(output), probability_(probability), layer_(layer) {}

std::size_t DropoutLayer::own_memory() const {
  return static_cast<std::size_t>(input_.images() * input_.points() * input_.block());
}

void DropoutLayer::bind(LayerMemory memory) {
  Layer::bind(std::move(memory));
  mask_.assign(own_memory(), 0);
}

void DropoutLayer::draw_mask(const Pass& pass) {
  const std::int64_t block = input_.block();
  // 32 random bits decide on a value: dropped below this threshold.
  const auto threshold = static_cast<std::uint64_t>(std::llround(probability_ * 4294967296.0));
#pragma omp parallel for schedule(static)
  for (std::int64_t sample = 0; sample < input_.batch(); ++sample) {
    RandomStream stream(RandomPurpose::dropout, pass.seed, pass.step,
                        pass.sample_keys[static_cast<std::size_t>(sample)], layer_);
    std::uint64_t bits = 0;
    bool half_left = false;
    for (std::int64_t c = 0; c < input_.channels(); ++c) {
      const std::int64_t image = sample * input_.groups() + c / block;
      std::uint8_t* const channel = mask_.data() + image * input_.points() * block + c % block;
      for (std::int64_t point = 0; point < input_.points(); ++point) {
        bits = half_left ? bits >> 32 : stream.bits();
        half_left = !half_left;
        channel[point * block] = (bits & 0xffffffffU) < threshold ? 0 : 1;
      }
    }
  }
}

void DropoutLayer::apply_mask(std::int64_t image, const TensorLayout& from_layout, const float* from,
                              const TensorLayout& to_layout, float* to) const {
  const auto kept = static_cast<float>(1.0 / (1.0 - probability_));
  const std::int64_t length = input_.extents()[2] * input_.block();
  const std::uint8_t* mask = mask_.data() + image * input_.points() * input_.block();
  const float* const source = from + image * from_layout.image_size();
  float* const target = to + image * to_layout.image_size();
  for_each_row(from_layout, to_layout, [&](std::int64_t a, std::int64_t b) {
    for (std::int64_t i = 0; i < length; ++i) {
      target[b + i] = source[a + i] * (static_cast<float>(mask[i]) * kept);
    }
    mask += length;
  });
}

void DropoutLayer::forward(const Forward& call) {
  if (call.pass.mode == Mode::inference) {
    copy_interior(input_, call.inputs[0], output_, call.output);
    fill_halos(output_, call.output);
    return;
  }
  draw_mask(call.pass);
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    apply_mask(image, input_, call.inputs[0], output_, call.output);
    fill_halo(output_, call.output + image * output_.image_size());
  }
}

void DropoutLayer::backward(const Backward& call) {
  float* const gradient = call.input_gradients[0];
  if (gradient == nullptr) return;
  if (call.mode == Mode::inference) return copy_interior(output_, call.output_gradient, input_, gradient);
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    apply_mask(image, output_, call.output_gradient, input_, gradient);
  }
}

}  // namespace phiscope::neural
