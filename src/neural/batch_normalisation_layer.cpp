#include "batch_normalisation_layer.hpp"

#include <algorithm>
#include <cmath>

#include "halo.hpp"
#include "lanes.hpp"
#include "stored_values.hpp"

namespace phiscope::neural {

BatchNormalisationLayer::BatchNormalisationLayer(const TensorLayout& input, const TensorLayout& output, double epsilon,
                                                 double slope)
    : input_(input),
      output_(output),
      epsilon_(epsilon),
      slope_(static_cast<float>(slope)),
      channels_(static_cast<std::size_t>(input.padded_channels())),
      partial_(static_cast<std::size_t>(2 * input.images() * input.block())),
      sums_(2 * channels_),
      mean_(channels_),
      inverse_(channels_),
      factor_(channels_),
      offset_(channels_),
      statistics_(2 * channels_) {}

std::vector<Parameter> BatchNormalisationLayer::parameters() const {
  const std::int64_t padded = input_.padded_channels();
  return {channel_parameter("weight", input_.channels(), padded, Parameter::Start::one),
          channel_parameter("bias", input_.channels(), padded, Parameter::Start::zero)};
}

void BatchNormalisationLayer::add_partial_sums() {
  const std::int64_t block = input_.block();
  std::fill(sums_.begin(), sums_.end(), 0.0);
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const std::int64_t first = image % input_.groups() * block;
    for (std::int64_t c = 0; c < block; ++c) {
      for (std::int64_t k = 0; k < 2; ++k) {
        sums_[static_cast<std::size_t>(2 * (first + c) + k)] +=
            partial_[static_cast<std::size_t>(2 * (image * block + c) + k)];
      }
    }
  }
}

// One sweep, around the first value of each channel instead of zero: a mean far from zero costs no digits then.
template <int Block>
void BatchNormalisationLayer::find_batch_statistics(const float* input) {
  const std::int64_t width = input_.extents()[2];
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const float* const x = input + image * input_.image_size();
    const Lanes<Block> centre = lanes<Block>(input + image % input_.groups() * input_.image_size() + input_.row(0, 0));
    double* const sums = partial_.data() + 2 * image * Block;
    std::fill_n(sums, std::int64_t{2} * Block, 0.0);
    for_each_row(input_, input_, [&](std::int64_t row, std::int64_t) {
      Lanes<Block> sum = {};
      Lanes<Block> squares = {};
      for (std::int64_t i = 0; i < width; ++i) {
        const Lanes<Block> value = lanes<Block>(x + row + i * Block) - centre;
        sum += value;
        squares += value * value;
      }
      for (std::int64_t c = 0; c < Block; ++c) {
        sums[2 * c] += static_cast<double>(sum[c]);
        sums[2 * c + 1] += static_cast<double>(squares[c]);
      }
    });
  }
  add_partial_sums();
  const auto values = static_cast<double>(count());
  for (std::size_t c = 0; c < channels_; ++c) {
    const auto image = static_cast<std::int64_t>(c) / Block;
    const auto centre = static_cast<double>(
        input[image * input_.image_size() + input_.row(0, 0) + static_cast<std::int64_t>(c) % Block]);
    const double distance = sums_[2 * c] / values;
    set_statistics(c, centre + distance, sums_[2 * c + 1] - values * distance * distance);
  }
}

void BatchNormalisationLayer::set_statistics(std::size_t channel, double mean, double squares) {
  const auto values = static_cast<double>(count());
  const double variance = std::max(0.0, squares / values);
  mean_[channel] = static_cast<float>(mean);
  inverse_[channel] = static_cast<float>(1.0 / std::sqrt(variance + epsilon_));
  statistics_[channel] = mean_[channel];
  // The variance of a single value is unknown: the running one is left as it is.
  statistics_[channels_ + channel] = count() > 1 ? static_cast<float>(variance * values / (values - 1.0))
                                                 : memory_.running_statistics[channels_ + channel];
}

void BatchNormalisationLayer::take_moments() {
  for (std::size_t c = 0; c < channels_; ++c) {
    const auto [mean, squares] = moments_->of_channel(c);
    set_statistics(c, mean, squares);
  }
}

const ChannelView* BatchNormalisationLayer::become_view() {
  is_view_ = true;
  view_ = {factor_.data(), offset_.data(), slope_};
  return &view_;
}

std::size_t BatchNormalisationLayer::own_memory() const {
  return (partial_.size() + sums_.size()) * sizeof(double) + 6 * channels_ * sizeof(float);
}

void BatchNormalisationLayer::use_running_statistics() {
  const float* const running = memory_.running_statistics;
  std::copy_n(running, 2 * channels_, statistics_.begin());
  for (std::size_t c = 0; c < channels_; ++c) {
    mean_[c] = running[c];
    inverse_[c] = static_cast<float>(1.0 / std::sqrt(static_cast<double>(running[channels_ + c]) + epsilon_));
  }
}

template <int Block, class Input>
void BatchNormalisationLayer::apply(const Input* input, float* output) const {
  const std::int64_t width = input_.extents()[2];
  const float slope = slope_;
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const std::int64_t first = image % input_.groups() * Block;
    const Lanes<Block> a = lanes_from<Block>(factor_.data() + first);
    const Lanes<Block> b = lanes_from<Block>(offset_.data() + first);
    const Input* const x = input + image * input_.image_size();
    float* const y = output + image * output_.image_size();
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = 0; i < width; ++i) {
        const Lanes<Block> z = a * load_lanes<Block>(x + from + i * Block) + b;
        store_lanes<Block>(y + to + i * Block, z > 0.0F ? z : slope * z);
      }
    });
    fill_halo(output_, y);
  }
}

void BatchNormalisationLayer::forward(const Forward& call) {
  with_block(input_.block(), [&](auto block) {
    constexpr int size = decltype(block)::value;
    if (call.pass.mode == Mode::training) {
      if (moments_ != nullptr) {
        take_moments();
      } else {
        find_batch_statistics<size>(call.inputs[0]);
      }
      std::copy(statistics_.begin(), statistics_.end(), memory_.batch_statistics);
    } else {
      use_running_statistics();
    }
    for (std::size_t c = 0; c < channels_; ++c) {
      factor_[c] = memory_.parameters[0][c] * inverse_[c];
      offset_[c] = memory_.parameters[1][c] - mean_[c] * factor_[c];
    }
    if (is_view_) return;
    with_values(input_.precision(), call.inputs[0], [&](const auto* input) { apply<size>(input, call.output); });
  });
}

template <int Block, class Input, class Output>
void BatchNormalisationLayer::sum_gradients(const Input* input, const Output* output_gradient) {
  const std::int64_t width = input_.extents()[2];
  const float slope = slope_;
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const std::int64_t first = image % input_.groups() * Block;
    const Lanes<Block> a = lanes_from<Block>(factor_.data() + first);
    const Lanes<Block> b = lanes_from<Block>(offset_.data() + first);
    const Lanes<Block> mean = lanes_from<Block>(mean_.data() + first);
    const Lanes<Block> inverse = lanes_from<Block>(inverse_.data() + first);
    const Input* const x = input + image * input_.image_size();
    const Output* const dy = output_gradient + image * output_.image_size();
    double* const sums = partial_.data() + 2 * image * Block;
    std::fill_n(sums, std::int64_t{2} * Block, 0.0);
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      Lanes<Block> sum = {};
      Lanes<Block> product = {};
      for (std::int64_t i = 0; i < width; ++i) {
        const Lanes<Block> value = load_lanes<Block>(x + from + i * Block);
        const Lanes<Block> incoming = load_lanes<Block>(dy + to + i * Block);
        const Lanes<Block> z = a * value + b;
        const Lanes<Block> g = z > 0.0F ? incoming : slope * incoming;
        sum += g;
        product += g * (value - mean);
      }
      product *= inverse;
      for (std::int64_t c = 0; c < Block; ++c) {
        sums[2 * c] += static_cast<double>(sum[c]);
        sums[2 * c + 1] += static_cast<double>(product[c]);
      }
    });
  }
  add_partial_sums();
}

// With batch statistics, dx = a·(g − Σg/m − x̂·Σ(g·x̂)/m) (Ioffe & Szegedy 2015, arXiv:1502.03167, p. 4); with running
// ones, dx = a·g.
template <int Block, class Input, class Output>
void BatchNormalisationLayer::find_input_gradient(const Input* input, const Output* output_gradient, Mode mode,
                                                  Input* input_gradient) const {
  const std::int64_t width = input_.extents()[2];
  const float slope = slope_;
  const double share = mode == Mode::training ? 1.0 / static_cast<double>(count()) : 0.0;
#pragma omp parallel for schedule(static)
  for (std::int64_t image = 0; image < input_.images(); ++image) {
    const std::int64_t first = image % input_.groups() * Block;
    const Lanes<Block> a = lanes_from<Block>(factor_.data() + first);
    const Lanes<Block> b = lanes_from<Block>(offset_.data() + first);
    const Lanes<Block> mean = lanes_from<Block>(mean_.data() + first);
    Lanes<Block> shift = {};
    Lanes<Block> tilt = {};
    for (std::int64_t c = 0; c < Block; ++c) {
      const auto channel = static_cast<std::size_t>(first + c);
      shift[c] = static_cast<float>(sums_[2 * channel] * share);
      tilt[c] = static_cast<float>(sums_[2 * channel + 1] * share) * inverse_[channel];
    }
    const Input* const x = input + image * input_.image_size();
    const Output* const dy = output_gradient + image * output_.image_size();
    Input* const dx = input_gradient + image * input_.image_size();
    for_each_row(input_, output_, [&](std::int64_t from, std::int64_t to) {
      for (std::int64_t i = 0; i < width; ++i) {
        const Lanes<Block> value = load_lanes<Block>(x + from + i * Block);
        const Lanes<Block> incoming = load_lanes<Block>(dy + to + i * Block);
        const Lanes<Block> z = a * value + b;
        const Lanes<Block> g = z > 0.0F ? incoming : slope * incoming;
        store_lanes<Block>(dx + from + i * Block, a * (g - shift - (value - mean) * tilt));
      }
    });
  }
}

void BatchNormalisationLayer::backward(const Backward& call) {
  const float* const gradient = call.output_gradient;
  with_block(input_.block(), [&](auto block) {
    constexpr int size = decltype(block)::value;
    with_values(input_.precision(), call.inputs[0], [&](const auto* input) {
      with_values(output_.precision(), gradient, [&](const auto* output_gradient) {
        if (call.parameter_gradients || call.mode == Mode::training) sum_gradients<size>(input, output_gradient);
        if (call.input_gradients[0] == nullptr) return;
        using Input = std::remove_cvref_t<decltype(*input)>;
        find_input_gradient<size>(input, output_gradient, call.mode, reinterpret_cast<Input*>(call.input_gradients[0]));
      });
    });
  });
  if (!call.parameter_gradients) return;
  for (std::size_t c = 0; c < channels_; ++c) {
    memory_.gradients[0][c] = static_cast<float>(sums_[2 * c + 1]);
    memory_.gradients[1][c] = static_cast<float>(sums_[2 * c]);
  }
}

}  // namespace phiscope::neural
