#include "concatenate_layer.hpp"

#include <algorithm>

#include "halo.hpp"

namespace phiscope::neural {
namespace {

/// Calls `work(offset in the part, offset in the whole, channels, block)` for each row and run of channels that lie
/// side by side in both: whole blocks where the part starts at a block's edge, single channels elsewhere.
template <class Work>
void for_each_run(const TensorLayout& part, const TensorLayout& whole, std::int64_t first_channel, Work&& work) {
  const std::int64_t block = part.block();
  const std::int64_t run = first_channel % block == 0 ? block : 1;
#pragma omp parallel for schedule(static)
  for (std::int64_t sample = 0; sample < part.batch(); ++sample) {
    for (std::int64_t c = 0; c < part.channels(); c += run) {
      const std::int64_t target = first_channel + c;
      const std::int64_t part_start = (sample * part.groups() + c / block) * part.image_size() + c % block;
      const std::int64_t whole_start = (sample * whole.groups() + target / block) * whole.image_size() + target % block;
      const std::int64_t channels = std::min(run, part.channels() - c);
      for_each_row(part, whole, [&](std::int64_t a, std::int64_t b) {
        for (std::int64_t x = 0; x < part.extents()[2]; ++x) {
          work(part_start + a + x * block, whole_start + b + x * block, channels);
        }
      });
    }
  }
}

}  // namespace

ConcatenateLayer::ConcatenateLayer(std::vector<TensorLayout> inputs, const TensorLayout& output)
    : inputs_(std::move(inputs)), output_(output) {}

void ConcatenateLayer::forward(const Forward& call) {
  if (output_.padded_channels() != output_.channels()) std::fill_n(call.output, output_.size(), 0.0F);
  std::int64_t first = 0;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const float* const from = call.inputs[i];
    for_each_run(inputs_[i], output_, first, [&](std::int64_t a, std::int64_t b, std::int64_t channels) {
      std::copy_n(from + a, channels, call.output + b);
    });
    first += inputs_[i].channels();
  }
  fill_halos(output_, call.output);
}

void ConcatenateLayer::backward(const Backward& call) {
  std::int64_t first = 0;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    float* const to = call.input_gradients[i];
    if (to != nullptr) {
      if (inputs_[i].padded_channels() != inputs_[i].channels()) std::fill_n(to, inputs_[i].size(), 0.0F);
      for_each_run(inputs_[i], output_, first, [&](std::int64_t a, std::int64_t b, std::int64_t channels) {
        std::copy_n(call.output_gradient + b, channels, to + a);
      });
    }
    first += inputs_[i].channels();
  }
}

}  // namespace phiscope::neural
