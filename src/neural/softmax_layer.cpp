#include "softmax_layer.hpp"

#include <algorithm>
#include <cmath>

#include "halo.hpp"

namespace phiscope::neural {
namespace {

/// Where the value of a channel lies, counted from that of the first one.
std::int64_t channel_place(const TensorLayout& layout, std::int64_t channel) {
  return channel / layout.block() * layout.image_size() + channel % layout.block();
}

}  // namespace

SoftmaxLayer::SoftmaxLayer(const TensorLayout& input, const TensorLayout& output) : input_(input), output_(output) {}

template <class Work>
void SoftmaxLayer::for_each_point(const float* input, Work&& work) const {
  const std::int64_t channels = input_.channels();
#pragma omp parallel for schedule(static)
  for (std::int64_t sample = 0; sample < input_.batch(); ++sample) {
    std::vector<double> share(static_cast<std::size_t>(channels));
    const std::int64_t input_start = sample * input_.groups() * input_.image_size();
    const std::int64_t output_start = sample * output_.groups() * output_.image_size();
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = 0; i < input_.extents()[2]; ++i) {
        const std::int64_t place = input_start + from + i * input_.block();
        double largest = static_cast<double>(input[place]);
        for (std::int64_t c = 0; c < channels; ++c) {
          const auto value = static_cast<double>(input[place + channel_place(input_, c)]);
          share[static_cast<std::size_t>(c)] = value;
          largest = std::max(largest, value);
        }
        double sum = 0.0;
        for (double& value : share) sum += value = std::exp(value - largest);
        for (double& value : share) value /= sum;
        work(place, output_start + to + i * output_.block(), share);
      }
    });
  }
}

void SoftmaxLayer::forward(const Forward& call) {
  for_each_point(call.inputs[0], [&](std::int64_t, std::int64_t to, const std::vector<double>& share) {
    for (std::int64_t c = 0; c < output_.padded_channels(); ++c) {
      const bool padding = c >= output_.channels();
      call.output[to + channel_place(output_, c)] =
          padding ? 0.0F : static_cast<float>(share[static_cast<std::size_t>(c)]);
    }
  });
  fill_halos(output_, call.output);
}

void SoftmaxLayer::backward(const Backward& call) {
  float* const dx = call.input_gradients[0];
  if (dx == nullptr) return;
  for_each_point(call.inputs[0], [&](std::int64_t from, std::int64_t to, const std::vector<double>& share) {
    const auto incoming = [&](std::int64_t c) {
      return static_cast<double>(call.output_gradient[to + channel_place(output_, c)]);
    };
    double mean = 0.0;
    for (std::int64_t c = 0; c < output_.channels(); ++c) mean += share[static_cast<std::size_t>(c)] * incoming(c);
    for (std::int64_t c = 0; c < input_.padded_channels(); ++c) {
      const bool padding = c >= input_.channels();
      const double gradient = padding ? 0.0 : share[static_cast<std::size_t>(c)] * (incoming(c) - mean);
      dx[from + channel_place(input_, c)] = static_cast<float>(gradient);
    }
  });
}

}  // namespace phiscope::neural
