#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>
#include <vector>

#include "../../../src/neural/float_arena.hpp"
#include "../../../src/neural/halo.hpp"
#include "../../../src/neural/onednn_adapter.hpp"
#include "../../../src/neural/tiled_convolution.hpp"
#include "gradient_check.hpp"

namespace phiscope::neural::test {
namespace {

using Doubles = std::vector<double>;

struct Case {
  std::string name;
  std::int64_t batch;
  SampleShape input;
  std::int64_t outputs;
  std::int64_t kernel;  ///< stride 1 and padding 1, or as the stride without padding
  bool strided;
  bool periodic;
  bool view;
};

std::ostream& operator<<(std::ostream& stream, const Case& tested) {
  return stream << tested.name;
}

ConvolutionSettings settings_of(const Case& tested) {
  const std::size_t rank = tested.input.extents.size();
  ConvolutionSettings settings;
  settings.channels = tested.outputs;
  settings.kernel.assign(rank, tested.kernel);
  settings.stride.assign(rank, tested.strided ? tested.kernel : 1);
  settings.padding.assign(rank, tested.strided ? 0 : 1);
  settings.circular = tested.periodic;
  return settings;
}

/// Three extents, the first 1 for images.
std::array<std::int64_t, 3> three(const SampleShape& shape) {
  std::array<std::int64_t, 3> extents{1, 1, 1};
  std::copy(shape.extents.begin(), shape.extents.end(),
            extents.end() - static_cast<std::ptrdiff_t>(shape.extents.size()));
  return extents;
}

/// The convolution by its definition, in double; calls use(output, input or -1 for padding of zeros, weight).
template <class Use>
void for_each_term(const Case& tested, const SampleShape& output, Use&& use) {
  const auto in = three(tested.input);
  const auto out = three(output);
  const bool volume = tested.input.extents.size() == 3;
  const std::int64_t side = tested.kernel;
  const std::int64_t depth = volume ? side : 1;
  const std::int64_t stride = tested.strided ? side : 1;
  const std::int64_t pad = tested.strided ? 0 : 1;
  const auto source = [&](std::int64_t at, std::int64_t extent) {
    if (at >= 0 && at < extent) return at;
    return tested.periodic ? (at + extent) % extent : std::int64_t{-1};
  };
  for (std::int64_t n = 0; n < tested.batch; ++n) {
    for (std::int64_t o = 0; o < tested.outputs; ++o) {
      for (std::int64_t point = 0; point < out[0] * out[1] * out[2]; ++point) {
        const std::int64_t z = point / (out[1] * out[2]);
        const std::int64_t y = point / out[2] % out[1];
        const std::int64_t x = point % out[2];
        for (std::int64_t i = 0; i < tested.input.channels; ++i) {
          for (std::int64_t k = 0; k < depth * side * side; ++k) {
            const std::int64_t a = source(z * (volume ? stride : 1) + k / (side * side) - (volume ? pad : 0), in[0]);
            const std::int64_t b = source(y * stride + k / side % side - pad, in[1]);
            const std::int64_t c = source(x * stride + k % side - pad, in[2]);
            const std::int64_t from =
                a < 0 || b < 0 || c < 0 ? -1 : (((n * tested.input.channels + i) * in[0] + a) * in[1] + b) * in[2] + c;
            use((n * tested.outputs + o) * out[0] * out[1] * out[2] + point, from,
                (o * tested.input.channels + i) * depth * side * side + k);
          }
        }
      }
    }
  }
}

double relative_error(const std::vector<float>& found, const Doubles& expected) {
  double error = 0.0;
  double norm = 0.0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    error += std::pow(static_cast<double>(found[i]) - expected[i], 2);
    norm += expected[i] * expected[i];
  }
  return std::sqrt(error / norm);
}

/// A tiled convolution with all its buffers, and what it makes of random numbers.
class Computation {
 public:
  explicit Computation(const Case& tested, int threads) : tested_(tested) {
    const int before = omp_get_max_threads();
    omp_set_num_threads(threads);
    calculate();
    omp_set_num_threads(before);
  }

  SampleShape output_shape;
  std::vector<float> input, weights, gradient;                  ///< plain
  std::vector<float> output, input_gradient, weights_gradient;  ///< plain
  std::vector<float> factor, offset;
  static constexpr float slope = 0.3F;
  std::vector<ChannelMoments::Moments> moments;

 private:
  void calculate() {
    const auto settings = settings_of(tested_);
    const bool plain = tested_.input.channels <= 3 && !tested_.strided;
    ASSERT_TRUE(TiledConvolution::suits(tested_.input, settings, plain));
    output_shape = {tested_.outputs, tested_.input.extents};
    if (tested_.strided) {
      for (auto& extent : output_shape.extents) extent /= tested_.kernel;
    }
    std::array<std::int64_t, 3> halo{0, 0, 0};
    std::copy(settings.padding.begin(), settings.padding.end(),
              halo.end() - static_cast<std::ptrdiff_t>(settings.padding.size()));
    const std::int64_t block = OneDnn::channel_block();
    const TensorLayout in(tested_.input, tested_.batch, plain ? 1 : block, halo, tested_.periodic);
    const TensorLayout out(output_shape, tested_.batch, block, halo, tested_.periodic);
    const auto kernel = TiledConvolution::make(in, out, settings);
    std::int64_t points = 1;
    for (const auto side : settings.kernel) points *= side;
    input = normal_values(static_cast<std::size_t>(tested_.batch * tested_.input.values()), 1);
    gradient = normal_values(static_cast<std::size_t>(tested_.batch * output_shape.values()), 2);
    weights = normal_values(static_cast<std::size_t>(tested_.outputs * tested_.input.channels * points), 3);
    factor = normal_values(static_cast<std::size_t>(in.padded_channels()), 4);
    offset = normal_values(static_cast<std::size_t>(in.padded_channels()), 5);
    for (auto c = static_cast<std::size_t>(tested_.input.channels); c < factor.size(); ++c)
      factor[c] = offset[c] = 0.0F;
    const ChannelView seen{factor.data(), offset.data(), slope};
    const ChannelView* const view = tested_.view ? &seen : nullptr;

    const auto floats = [](std::int64_t size) { return FloatArena(static_cast<std::size_t>(size)); };
    FloatArena x = floats(in.size());
    FloatArena dx = floats(in.size());
    FloatArena y = floats(out.size());
    FloatArena dy = floats(out.size());
    FloatArena w(kernel->weights_size());
    FloatArena dw(kernel->weights_size());
    FloatArena forward_weights(kernel->prepared_size());
    FloatArena backward_weights(kernel->prepared_size());
    FloatArena scratch(kernel->scratch_size() / sizeof(float) + 1);
    auto* const bytes = reinterpret_cast<std::byte*>(scratch.data());
    ChannelMoments sums(kernel->portions(), out.padded_channels());
    store_plain(in, input, x.data());
    fill_halos(in, x.data());
    store_plain(out, gradient, dy.data());
    fill_halos(out, dy.data());
    kernel->pack_weights(weights.data(), w.data());
    kernel->prepare_forward(w.data(), forward_weights.data());
    kernel->prepare_backward(w.data(), backward_weights.data());
    const bool as_they_are = kernel->prepared_size() == 0;
    const float* const for_forward = as_they_are ? w.data() : forward_weights.data();
    const float* const for_backward = as_they_are ? w.data() : backward_weights.data();
    kernel->forward({x.data(), view, for_forward, nullptr, y.data(), &sums, bytes});
    kernel->backward_input(dy.data(), for_backward, dx.data(), bytes);
    kernel->backward_weights(x.data(), view, dy.data(), dw.data(), bytes);
    output.resize(gradient.size());
    input_gradient.resize(input.size());
    weights_gradient.resize(weights.size());
    load_plain(out, y.data(), output);
    load_plain(in, dx.data(), input_gradient);
    kernel->unpack_weights(dw.data(), weights_gradient.data());
    for (std::int64_t c = 0; c < tested_.outputs; ++c) moments.push_back(sums.of_channel(static_cast<std::size_t>(c)));
  }

  Case tested_;
};

class TiledConvolutions : public testing::TestWithParam<Case> {};

TEST_P(TiledConvolutions, AgreeWithTheDefinitionInDouble) {
  const Case& tested = GetParam();
  const Computation run(tested, 1);
  const auto points = static_cast<std::size_t>(tested.input.values() / tested.input.channels);
  Doubles seen(run.input.begin(), run.input.end());
  for (std::size_t i = 0; tested.view && i < seen.size(); ++i) {
    const std::size_t channel = i / points % static_cast<std::size_t>(tested.input.channels);
    const double z = static_cast<double>(run.factor[channel]) * seen[i] + static_cast<double>(run.offset[channel]);
    seen[i] = z > 0.0 ? z : static_cast<double>(Computation::slope) * z;
  }
  Doubles output(run.output.size(), 0.0);
  Doubles input_gradient(run.input.size(), 0.0);
  Doubles weights_gradient(run.weights.size(), 0.0);
  for_each_term(tested, run.output_shape, [&](std::int64_t to, std::int64_t from, std::int64_t weight) {
    if (from < 0) return;
    const auto o = static_cast<std::size_t>(to);
    const auto i = static_cast<std::size_t>(from);
    const auto k = static_cast<std::size_t>(weight);
    output[o] += seen[i] * static_cast<double>(run.weights[k]);
    input_gradient[i] += static_cast<double>(run.gradient[o]) * static_cast<double>(run.weights[k]);
    weights_gradient[k] += static_cast<double>(run.gradient[o]) * seen[i];
  });
  EXPECT_LT(relative_error(run.output, output), 2e-6);
  EXPECT_LT(relative_error(run.input_gradient, input_gradient), 2e-6);
  EXPECT_LT(relative_error(run.weights_gradient, weights_gradient), 4e-6);

  const auto values = static_cast<std::size_t>(run.output_shape.values() / tested.outputs);
  for (std::size_t c = 0; c < static_cast<std::size_t>(tested.outputs); ++c) {
    double mean = 0.0;
    double squares = 0.0;
    const double count = static_cast<double>(values) * static_cast<double>(tested.batch);
    for (int sweep = 0; sweep < 2; ++sweep) {
      for (std::size_t i = 0; i < run.output.size(); ++i) {
        if (i / values % static_cast<std::size_t>(tested.outputs) != c) continue;
        const auto value = static_cast<double>(run.output[i]);
        (sweep == 0 ? mean : squares) += sweep == 0 ? value / count : (value - mean) * (value - mean);
      }
    }
    EXPECT_NEAR(run.moments[c].mean, mean, 1e-5 * std::sqrt(squares / count)) << "channel " << c;
    EXPECT_NEAR(run.moments[c].squares, squares, 1e-5 * squares) << "channel " << c;
  }
}

TEST_P(TiledConvolutions, GiveTheSameBitsOnAnyNumberOfThreads) {
  const Computation one(GetParam(), 1);
  for (const int threads : {2, 3}) {
    const Computation more(GetParam(), threads);
    EXPECT_EQ(one.output, more.output) << threads;
    EXPECT_EQ(one.input_gradient, more.input_gradient) << threads;
    EXPECT_EQ(one.weights_gradient, more.weights_gradient) << threads;
  }
}

INSTANTIATE_TEST_SUITE_P(Every, TiledConvolutions,
                         testing::Values(Case{"WinogradPeriodic2D", 3, {20, {16, 8}}, 37, 3, false, true, false},
                                         Case{"WinogradZeros2D", 2, {5, {8, 12}}, 16, 3, false, false, false},
                                         Case{"WinogradThroughView2D", 2, {33, {16, 16}}, 20, 3, false, true, true},
                                         Case{"WinogradManyPortions2D", 2, {16, {64, 48}}, 18, 3, false, true, true},
                                         Case{"WinogradManyChannels2D", 1, {130, {8, 8}}, 290, 3, false, true, false},
                                         Case{"WinogradPeriodic3D", 2, {20, {5, 8, 12}}, 17, 3, false, true, true},
                                         Case{"WinogradZeros3D", 1, {16, {12, 16, 16}}, 16, 3, false, false, false},
                                         Case{"Halving2D", 3, {20, {16, 8}}, 37, 2, true, true, false},
                                         Case{"HalvingThroughView2D", 2, {20, {32, 32}}, 37, 2, true, true, true},
                                         Case{"HalvingManyChannels2D", 2, {200, {8, 8}}, 400, 2, true, true, true},
                                         Case{"Quartering2D", 2, {3, {16, 12}}, 17, 4, true, true, false},
                                         Case{"Halving3D", 2, {20, {4, 8, 6}}, 18, 2, true, true, true},
                                         Case{"Pointwise2D", 2, {20, {6, 5}}, 18, 1, true, true, false},
                                         Case{"PlainPeriodic2D", 2, {1, {16, 20}}, 20, 3, false, true, false},
                                         Case{"PlainZeros2D", 2, {3, {6, 8}}, 16, 3, false, false, false},
                                         Case{"PlainPeriodic3D", 2, {2, {4, 5, 8}}, 18, 3, false, true, false}),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace phiscope::neural::test
