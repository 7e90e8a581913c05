// Pooling, upsampling and transposed convolution against their definitions in double.
#include <limits>

#include "gradient_check.hpp"
#include "plain_array.hpp"

namespace phiscope::neural::test {
namespace {

/// Calls `work(point)` for every point of a box.
template <class Work>
void for_each_place(const Extents& extents, Work&& work) {
  for (std::int64_t z = 0; z < extents[0]; ++z) {
    for (std::int64_t y = 0; y < extents[1]; ++y) {
      for (std::int64_t x = 0; x < extents[2]; ++x) work(Extents{z, y, x});
    }
  }
}

/// Compares a network of one layer with `define(input, output)`, which fills an output of zeros, sample by sample.
template <class Define>
void expect_definition(Network& network, std::size_t batch, Define&& define, double tolerance) {
  const SampleShape& input_shape = network.input_shape();
  const auto input = normal_values(batch * static_cast<std::size_t>(input_shape.values()), 9);
  const auto output = network.forward(input, {});
  const SampleShape& shape = network.description().output();
  for (std::size_t n = 0; n < batch; ++n) {
    Array expected(shape.channels, as_volume(shape.extents, 1));
    define(sample_of(input, input_shape, n), expected);
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
      ASSERT_NEAR(static_cast<double>(output[n * expected.values.size() + i]), expected.values[i], tolerance) << i;
    }
  }
}

struct Case {
  std::string name;
  std::string settings;
  SampleShape input;
};
void PrintTo(const Case& tested, std::ostream* out) {
  *out << tested.name;
}
const auto name_of = [](const auto& tested) { return tested.param.name; };

class PoolingDefinition : public testing::TestWithParam<Case> {};

TEST_P(PoolingDefinition, Holds) {
  const auto& [name, text, input_shape] = GetParam();
  for (const bool maximum : {true, false}) {
    const std::string kind = maximum ? "max_pooling" : "average_pooling";
    Network network(describe("  - " + kind + ": {" + text + "}\n", input_shape), 2);
    const auto& settings = std::get<PoolingSettings>(network.description().layers[0].settings);
    const Extents kernel = as_volume(settings.kernel, 1);
    const Extents stride = as_volume(settings.stride, 1);
    const Extents padding = as_volume(settings.padding, 0);
    const auto window_points = static_cast<double>(kernel[0] * kernel[1] * kernel[2]);
    const auto define = [&](const Array& input, Array& output) {
      for (std::int64_t c = 0; c < output.channels; ++c) {
        for_each_place(output.extents, [&](const Extents& to) {
          double largest = -std::numeric_limits<double>::infinity();
          double sum = 0.0;
          for_each_place(kernel, [&](const Extents& k) {
            Extents from{};
            bool inside = true;
            for (std::size_t i = 0; i < 3; ++i) {
              from[i] = to[i] * stride[i] - padding[i] + k[i];
              inside = inside && from[i] >= 0 && from[i] < input.extents[i];
            }
            if (!inside) return;
            largest = std::max(largest, input.at(c, from[0], from[1], from[2]));
            sum += input.at(c, from[0], from[1], from[2]);
          });
          output.at(c, to[0], to[1], to[2]) = maximum ? largest : sum / window_points;
        });
      }
    };
    expect_definition(network, 2, define, 1e-6);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Every, PoolingDefinition,
    testing::Values(Case{"Halving", "kernel: 2", {18, {6, 8}}}, Case{"Halving3D", "kernel: 2", {5, {4, 6, 8}}},
                    Case{"Overlapping", "kernel: 3, stride: 1", {3, {6, 8}}},
                    Case{"Padded", "kernel: 3, stride: 2, padding: 1", {17, {8, 6}}},
                    Case{"Padded3D", "kernel: 3, stride: 2, padding: 1", {5, {4, 6, 8}}},
                    Case{"PaddedUnequally", "kernel: [2, 4], stride: [1, 2], padding: [1, 2]", {5, {5, 6}}},
                    Case{"WithGaps", "kernel: 1, stride: [1, 1]", {5, {5, 6}}}),
    name_of);

TEST(MaxPooling, GivesTheGradientOfEqualMaximaToTheFirst) {
  Network network(describe("  - max_pooling: {kernel: 2}\n", {1, {2, 4}}), 1);
  network.forward(std::vector<float>(8, 3.0F), {});
  std::vector<float> gradient(8);
  network.backward(std::vector<float>{5, 7}, gradient);
  EXPECT_EQ(gradient, (std::vector<float>{5, 0, 7, 0, 0, 0, 0, 0}));
}

TEST(MaxPooling, ShowsWhatIsNotANumber) {
  std::vector<float> input(64, 1.0F);
  input[21] = std::nanf("");
  for (const std::string layer :
       {"max_pooling: {kernel: 2}", "max_pooling: {kernel: 3, stride: 2, padding: 1}", "global_max_pooling:"}) {
    Network network(describe("  - " + layer + "\n", {1, {8, 8}}), 1);
    const auto output = network.forward(input, {});
    EXPECT_TRUE(std::any_of(output.begin(), output.end(), [](float y) { return std::isnan(y); })) << layer;
  }
}

TEST(GlobalPooling, TakesTheMeanAndTheMaximumOfEachChannel) {
  for (const SampleShape& shape : {SampleShape{18, {3, 5}}, SampleShape{5, {2, 3, 4}}}) {
    const auto points = static_cast<std::size_t>(shape.values() / shape.channels);
    const auto input = normal_values(2 * static_cast<std::size_t>(shape.values()), 4);
    Network mean(describe("  - global_average_pooling:\n", shape), 2);
    Network largest(describe("  - global_max_pooling:\n", shape), 2);
    EXPECT_EQ(mean.description().output(), (SampleShape{shape.channels, {}}));
    const auto means = mean.forward(input, {});
    const auto maxima = largest.forward(input, {});
    for (std::size_t i = 0; i < means.size(); ++i) {
      const auto values = std::span(input).subspan(i * points, points);
      const double sum = std::accumulate(values.begin(), values.end(), 0.0);
      EXPECT_NEAR(static_cast<double>(means[i]), sum / static_cast<double>(points), 1e-6);
      EXPECT_EQ(maxima[i], *std::max_element(values.begin(), values.end()));
    }
  }
}

std::vector<float> upsampled(const std::string& settings, const SampleShape& shape, const std::vector<float>& input) {
  Network network(describe("  - upsampling: {" + settings + "}\n", shape), 1);
  const auto output = network.forward(input, {});
  return {output.begin(), output.end()};
}

TEST(Upsampling, RepeatsTheNearestPoint) {
  EXPECT_EQ(upsampled("factor: [1, 3]", {1, {2, 2}}, {1, 2, 3, 4}),
            (std::vector<float>{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4}));
}

TEST(Upsampling, IsLinearBetweenTheCentresOfCells) {
  EXPECT_EQ(upsampled("factor: [1, 2], mode: linear", {1, {1, 3}}, {0, 4, 8}), (std::vector<float>{0, 1, 3, 5, 7, 8}));
  EXPECT_EQ(upsampled("factor: [1, 2], mode: linear, padding_mode: circular", {1, {1, 3}}, {0, 4, 8}),
            (std::vector<float>{2, 1, 3, 5, 7, 6}));
}

TEST(Upsampling, InterpolatesEveryExtentAlike) {
  // A product of linear functions is what trilinear interpolation gives exactly, away from the edges.
  const SampleShape shape{5, {4, 3, 5}};
  Network network(describe("  - upsampling: {factor: [2, 3, 4], mode: linear}\n", shape), 1);
  const auto value = [](double c, double z, double y, double x) {
    return (c + 1.0) * (z - 2.0) * (y + 0.5) * (x - 1.0);
  };
  std::vector<float> input;
  for (int c = 0; c < 5; ++c) {
    for_each_place({4, 3, 5}, [&](const Extents& p) {
      input.push_back(static_cast<float>(
          value(c, static_cast<double>(p[0]), static_cast<double>(p[1]), static_cast<double>(p[2]))));
    });
  }
  const auto output = network.forward(input, {});
  std::size_t i = 0;
  for (int c = 0; c < 5; ++c) {
    for_each_place({8, 9, 20}, [&](const Extents& p) {
      const auto place = [](std::int64_t fine, double factor, double extent) {
        return std::clamp((static_cast<double>(fine) + 0.5) / factor - 0.5, 0.0, extent - 1.0);
      };
      EXPECT_NEAR(static_cast<double>(output[i++]), value(c, place(p[0], 2, 4), place(p[1], 3, 3), place(p[2], 4, 5)),
                  1e-4);
    });
  }
}

TEST(Upsampling, OfAPeriodicFieldCommutesWithShifts) {
  const SampleShape shape{1, {4, 6}};
  const auto field = normal_values(24, 5);
  std::vector<float> shifted(24);
  for (std::size_t y = 0; y < 4; ++y) {
    for (std::size_t x = 0; x < 6; ++x) shifted[6 * ((y + 1) % 4) + (x + 2) % 6] = field[6 * y + x];
  }
  const std::string settings = "factor: 2, mode: linear, padding_mode: circular";
  const auto fine = upsampled(settings, shape, field);
  const auto fine_shifted = upsampled(settings, shape, shifted);
  for (std::size_t y = 0; y < 8; ++y) {
    for (std::size_t x = 0; x < 12; ++x) {
      EXPECT_EQ(fine_shifted[12 * ((y + 2) % 8) + (x + 4) % 12], fine[12 * y + x]);
    }
  }
}

class TransposedConvolutionDefinition : public testing::TestWithParam<Case> {};

TEST_P(TransposedConvolutionDefinition, Holds) {
  const auto& [name, text, input_shape] = GetParam();
  Network network(describe("  - transposed_convolution: {" + text + "}\n", input_shape), 2);
  const auto& settings = std::get<TransposedConvolutionSettings>(network.description().layers[0].settings);
  auto tensors = network.export_tensors();
  for (auto& tensor : tensors) tensor.values = normal_values(tensor.values.size(), 8);
  network.import_tensors(tensors);
  const Extents kernel = as_volume(settings.kernel, 1);
  const Extents stride = as_volume(settings.stride, 1);
  const Extents padding = as_volume(settings.padding, 0);
  const auto define = [&](const Array& input, Array& output) {
    for (std::int64_t o = 0; o < output.channels; ++o) {
      for_each_place(output.extents, [&](const Extents& p) {
        output.at(o, p[0], p[1], p[2]) =
            tensors.size() > 1 ? static_cast<double>(tensors[1].values[static_cast<std::size_t>(o)]) : 0.0;
      });
      for (std::int64_t i = 0; i < input.channels; ++i) {
        for_each_place(input.extents, [&](const Extents& from) {
          for_each_place(kernel, [&](const Extents& k) {
            Extents to{};
            for (std::size_t axis = 0; axis < 3; ++axis) {
              to[axis] = from[axis] * stride[axis] - padding[axis] + k[axis];
              if (to[axis] < 0 || to[axis] >= output.extents[axis]) return;
            }
            const auto index = (((i * output.channels + o) * kernel[0] + k[0]) * kernel[1] + k[1]) * kernel[2] + k[2];
            output.at(o, to[0], to[1], to[2]) +=
                static_cast<double>(tensors[0].values[static_cast<std::size_t>(index)]) *
                input.at(i, from[0], from[1], from[2]);
          });
        });
      }
    }
  };
  expect_definition(network, 2, define, 2e-4);
}

INSTANTIATE_TEST_SUITE_P(
    Every, TransposedConvolutionDefinition,
    testing::Values(
        Case{"Doubling", "channels: 5, kernel: 2, stride: 2", {18, {4, 6}}},
        Case{"Doubling3D", "channels: 17, kernel: 2, stride: 2, bias: false", {3, {2, 3, 4}}},
        Case{"Padded", "channels: 5, kernel: 4, stride: 2, padding: 1", {3, {4, 6}}},
        Case{"OutputPadded", "channels: 5, kernel: 3, stride: 2, padding: 1, output_padding: 1", {3, {4, 6}}},
        Case{"OutputPadded3D", "channels: 5, kernel: 3, stride: 2, padding: 1, output_padding: 1", {20, {2, 3, 4}}},
        Case{"StrideOne", "channels: 5, kernel: 3, padding: 1", {3, {4, 6}}},
        Case{"Unequal", "channels: 5, kernel: [1, 3], stride: [1, 3]", {3, {4, 6}}}),
    name_of);

}  // namespace
}  // namespace phiscope::neural::test
