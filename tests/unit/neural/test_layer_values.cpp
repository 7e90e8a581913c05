// Forward passes against definitions written out as plain loops in double.
#include "gradient_check.hpp"
#include "plain_array.hpp"

namespace phiscope::neural::test {
namespace {

Array convolve(const Array& input, const NamedTensor& weight, const NamedTensor* bias,
               const ConvolutionSettings& settings, const SampleShape& output_shape) {
  const Extents kernel = as_volume(settings.kernel, 1);
  const Extents stride = as_volume(settings.stride, 1);
  const Extents padding = as_volume(settings.padding, 0);
  Array output(output_shape.channels, as_volume(output_shape.extents, 1));
  const auto weight_at = [&](std::int64_t o, std::int64_t i, std::int64_t z, std::int64_t y, std::int64_t x) {
    const auto index = (((o * input.channels + i) * kernel[0] + z) * kernel[1] + y) * kernel[2] + x;
    return static_cast<double>(weight.values[static_cast<std::size_t>(index)]);
  };
  for (std::int64_t o = 0; o < output.channels; ++o) {
    for (std::int64_t z = 0; z < output.extents[0]; ++z) {
      for (std::int64_t y = 0; y < output.extents[1]; ++y) {
        for (std::int64_t x = 0; x < output.extents[2]; ++x) {
          double sum = bias == nullptr ? 0.0 : static_cast<double>(bias->values[static_cast<std::size_t>(o)]);
          for (std::int64_t i = 0; i < input.channels; ++i) {
            for (std::int64_t a = 0; a < kernel[0]; ++a) {
              for (std::int64_t b = 0; b < kernel[1]; ++b) {
                for (std::int64_t c = 0; c < kernel[2]; ++c) {
                  const Extents point{z * stride[0] + a - padding[0], y * stride[1] + b - padding[1],
                                      x * stride[2] + c - padding[2]};
                  sum += weight_at(o, i, a, b, c) * padded(input, i, point, settings.circular);
                }
              }
            }
          }
          output.at(o, z, y, x) = sum;
        }
      }
    }
  }
  return output;
}

struct ConvolutionCase {
  std::string name;
  std::string settings;
  SampleShape input;
};
void PrintTo(const ConvolutionCase& convolution, std::ostream* out) {
  *out << convolution.name;
}

class ConvolutionValues : public testing::TestWithParam<ConvolutionCase> {};

TEST_P(ConvolutionValues, AreCrossCorrelations) {
  const auto& [name, text, input_shape] = GetParam();
  const auto description = describe("  - convolution: {" + text + "}\n", input_shape);
  const auto& settings = std::get<ConvolutionSettings>(description.layers[0].settings);
  constexpr std::size_t batch = 3;
  Network network(description, batch);
  auto tensors = network.export_tensors();
  for (auto& tensor : tensors) tensor.values = normal_values(tensor.values.size(), 8);
  network.import_tensors(tensors);
  const auto input = normal_values(batch * static_cast<std::size_t>(input_shape.values()), 9);
  const auto output = network.forward(input, {});
  for (std::size_t n = 0; n < batch; ++n) {
    const Array expected = convolve(sample_of(input, input_shape, n), tensors[0],
                                    tensors.size() > 1 ? &tensors[1] : nullptr, settings, description.output());
    // Rounding of sums of up to 500 products of order 1.
    for (std::size_t i = 0; i < expected.values.size(); ++i) {
      ASSERT_NEAR(static_cast<double>(output[n * expected.values.size() + i]), expected.values[i], 2e-4) << i;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Every, ConvolutionValues,
    testing::Values(
        ConvolutionCase{"Circular", "channels: 5, kernel: 3, padding: 1, padding_mode: circular", {3, {6, 8}}},
        ConvolutionCase{
            "CircularOneChannel", "channels: 16, kernel: 3, padding: 1, padding_mode: circular", {1, {16, 16}}},
        ConvolutionCase{
            "CircularManyChannels", "channels: 33, kernel: 3, padding: 1, padding_mode: circular", {20, {5, 7}}},
        ConvolutionCase{"CircularWide", "channels: 4, kernel: 5, padding: 2, padding_mode: circular", {2, {4, 4}}},
        ConvolutionCase{
            "CircularAsWideAsTheImage", "channels: 4, kernel: 5, padding: 2, padding_mode: circular", {5, {2, 2}}},
        ConvolutionCase{
            "CircularStrided", "channels: 4, kernel: 4, padding: 1, stride: 2, padding_mode: circular", {2, {8, 8}}},
        ConvolutionCase{"Circular3D", "channels: 6, kernel: 3, padding: 1, padding_mode: circular", {2, {4, 6, 5}}},
        ConvolutionCase{
            "CircularManyChannels3D", "channels: 17, kernel: 3, padding: 1, padding_mode: circular", {9, {4, 4, 4}}},
        ConvolutionCase{"Zeros", "channels: 5, kernel: 3, padding: 1", {3, {6, 8}}},
        ConvolutionCase{"ZerosWithoutBias", "channels: 5, kernel: 3, padding: 1, bias: false", {18, {6, 8}}},
        ConvolutionCase{"Zeros3D", "channels: 5, kernel: 3, padding: 1", {3, {4, 4, 6}}},
        ConvolutionCase{"Strided", "channels: 5, kernel: 4, stride: 2, padding: 1", {18, {8, 8}}},
        ConvolutionCase{"Quartering", "channels: 4, kernel: 4, stride: 4", {1, {16, 16}}},
        ConvolutionCase{"Strided3D", "channels: 5, kernel: 2, stride: 2", {2, {4, 4, 6}}},
        ConvolutionCase{"Pointwise", "channels: 7, kernel: 1", {21, {4, 4}}},
        ConvolutionCase{"Covering", "channels: 7, kernel: 4", {21, {4, 4}}},
        ConvolutionCase{"Covering3D", "channels: 7, kernel: 2", {21, {2, 2, 2}}}),
    [](const auto& tested) { return tested.param.name; });

TEST(ConvolutionValues, OfADeltaKernelShiftAPeriodicField) {
  Network network(
      describe("  - convolution: {channels: 1, kernel: 3, padding: 1, padding_mode: circular, bias: false}\n",
               {1, {4, 4}}),
      1);
  std::vector<NamedTensor> tensors{{"convolution_0.weight", {1, 1, 3, 3}, {0, 0, 0, 0, 0, 1, 0, 0, 0}}};
  network.import_tensors(tensors);
  std::vector<float> field(16);
  std::iota(field.begin(), field.end(), 0.0F);
  const auto shifted = network.forward(field, {});
  for (std::size_t y = 0; y < 4; ++y) {
    for (std::size_t x = 0; x < 4; ++x) EXPECT_EQ(shifted[4 * y + x], field[4 * y + (x + 1) % 4]);
  }
}

TEST(PoolingValues, AreMaximaAndAveragesOfWindows) {
  const SampleShape shape{3, {4, 6}};
  const auto input = normal_values(2 * 72, 1);
  Network largest(describe("  - max_pooling: {kernel: [2, 3]}\n", shape), 2);
  Network average(describe("  - average_pooling: {kernel: [2, 3]}\n", shape), 2);
  const auto maxima = largest.forward(input, {});
  const auto averages = average.forward(input, {});
  for (std::size_t image = 0; image < 6; ++image) {
    for (std::size_t y = 0; y < 2; ++y) {
      for (std::size_t x = 0; x < 2; ++x) {
        double sum = 0.0;
        float maximum = -1e9F;
        for (std::size_t i = 0; i < 6; ++i) {
          const float value = input[image * 24 + (2 * y + i / 3) * 6 + 3 * x + i % 3];
          sum += static_cast<double>(value);
          maximum = std::max(maximum, value);
        }
        EXPECT_EQ(maxima[image * 4 + 2 * y + x], maximum);
        EXPECT_NEAR(static_cast<double>(averages[image * 4 + 2 * y + x]), sum / 6.0, 1e-6);
      }
    }
  }
}

TEST(PoolingValues, OfVolumesTakeAllThreeExtents) {
  const auto input = normal_values(64, 1);
  Network average(describe("  - average_pooling: {kernel: 4}\n", {1, {4, 4, 4}}), 1);
  const double sum = std::accumulate(input.begin(), input.end(), 0.0);
  EXPECT_NEAR(static_cast<double>(average.forward(input, {})[0]), sum / 64.0, 1e-6);
  Network largest(describe("  - max_pooling: {kernel: 4}\n", {1, {4, 4, 4}}), 1);
  EXPECT_EQ(largest.forward(input, {})[0], *std::max_element(input.begin(), input.end()));
}

TEST(DenseValues, AreMatrixProducts) {
  Network network(describe("  - dense: {values: 3}\n", {5, {}}), 4);
  auto tensors = network.export_tensors();
  for (auto& tensor : tensors) tensor.values = normal_values(tensor.values.size(), 8);
  network.import_tensors(tensors);
  const auto input = normal_values(20, 9);
  const auto output = network.forward(input, {});
  for (std::size_t n = 0; n < 4; ++n) {
    for (std::size_t o = 0; o < 3; ++o) {
      double sum = static_cast<double>(tensors[1].values[o]);
      for (std::size_t i = 0; i < 5; ++i) {
        sum += static_cast<double>(tensors[0].values[5 * o + i]) * static_cast<double>(input[5 * n + i]);
      }
      EXPECT_NEAR(static_cast<double>(output[3 * n + o]), sum, 1e-5);
    }
  }
}

TEST(LeakyReluValues, AreTheIdentityAboveZeroAndALineBelow) {
  Network network(describe("  - leaky_relu: {slope: 0.25}\n", {4, {}}), 1);
  const std::vector<float> input{-2.0F, 0.0F, 0.5F, -1e-3F};
  const auto output = network.forward(input, {});
  EXPECT_EQ(std::vector<float>(output.begin(), output.end()), (std::vector<float>{-0.5F, 0.0F, 0.5F, -0.25e-3F}));
}

TEST(FlattenValues, KeepRowMajorOrder) {
  const auto input = normal_values(2 * 18 * 6, 2);
  Network network(describe("  - flatten:\n", {18, {2, 3}}), 2);
  const auto output = network.forward(input, {});
  EXPECT_TRUE(std::equal(input.begin(), input.end(), output.begin(), output.end()));
}

TEST(ConcatenateValues, KeepTheOrderOfTheirInputs) {
  const auto input = normal_values(7 * 4, 2);
  Network network(
      describe("  - average_pooling: {kernel: 1, name: a}\n  - concatenate: {from: [a, input, a]}\n", {7, {2, 2}}), 1);
  const auto output = network.forward(input, {});
  ASSERT_EQ(output.size(), 84U);
  for (std::size_t part = 0; part < 3; ++part) {
    EXPECT_TRUE(std::equal(input.begin(), input.end(), output.begin() + static_cast<std::ptrdiff_t>(28 * part)));
  }
}

}  // namespace
}  // namespace phiscope::neural::test
