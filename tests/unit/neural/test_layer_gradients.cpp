#include "gradient_check.hpp"

namespace phiscope::neural::test {
namespace {

struct LayerCase {
  std::string name;
  std::string layers;
  SampleShape input;
  std::int64_t batch = 2;
  Mode mode = Mode::training;
  /// Of the largest gradient. Rounding alone for layers that are linear, or linear between kinks; batch normalisation
  /// adds its third derivative.
  double tolerance = 5e-4;
};

void PrintTo(const LayerCase& layer, std::ostream* out) {
  *out << layer.name;
}

class LayerGradients : public testing::TestWithParam<LayerCase> {};

/// Parameters at random, also those that initialise() leaves at 0 or 1, so that nothing cancels by chance.
void randomise(Network& network) {
  auto tensors = network.export_tensors();
  std::uint64_t seed = 1;
  for (auto& tensor : tensors) {
    const bool variance = tensor.name.ends_with("running_var");
    tensor.values = normal_values(tensor.values.size(), seed++);
    for (float& value : tensor.values) value = variance ? 0.5F + value * value : 0.5F * value;
  }
  network.import_tensors(tensors);
}

TEST_P(LayerGradients, AgreeWithFiniteDifferences) {
  const LayerCase& layer = GetParam();
  Network network(describe(layer.layers, layer.input), layer.batch);
  randomise(network);
  constexpr double spacing = 0.03;
  constexpr double step = 0.01;  // below half the spacing of the inputs: no kink is crossed
  const auto count = static_cast<std::size_t>(layer.batch * layer.input.values());
  ScalarOfNetwork scalar(network, separated_values(count, spacing, 5), layer.mode);
  expect_each_gradient(scalar, scalar.input(), scalar.input_gradient(), {}, step, layer.tolerance, "input");
  expect_each_gradient(scalar, network.parameters(), scalar.parameter_gradient(), parameter_mask(network), step,
                       layer.tolerance, "parameter");
}

const SampleShape image{3, {6, 4}};
const SampleShape volume{2, {4, 2, 4}};
const SampleShape many_channels{18, {4, 4}};

std::vector<LayerCase> layer_cases() {
  const std::string circular = "  - convolution: {channels: 5, kernel: 3, padding: 1, padding_mode: circular}\n";
  const std::string zeros = "  - convolution: {channels: 5, kernel: 3, padding: 1}\n";
  const std::string strided = "  - convolution: {channels: 3, kernel: 2, stride: 2}\n";
  const std::string normalised = "  - batch_normalisation:\n";
  // The copy that `add` makes is what lets a convolution read it in blocks, and with a halo.
  const std::string doubled = "  - add: {from: [input, input]}\n";
  const std::string skip = "  - average_pooling: {kernel: 1, name: same}\n";
  const std::string joined = skip + "  - concatenate: {from: [same, input, same]}\n";
  return {
      {"CircularConvolution2D", circular, image},
      {"CircularConvolution3D", circular, volume},
      {"CircularConvolutionOfBlocks2D", circular, many_channels, 2, Mode::training, 2e-3},  // Winograd rounds more
      {"CircularConvolutionWithStrideAndUnequalKernel",
       "  - convolution: {channels: 3, kernel: [5, 3], padding: [2, 1], stride: [1, 1], padding_mode: circular}\n",
       image},
      {"CircularConvolutionOfSum3D", doubled + circular, volume},
      {"ZeroPaddedConvolution2D", zeros, image},
      {"ZeroPaddedConvolution3D", zeros, volume},
      {"ConvolutionOfOneChannel", circular, {1, {8, 8}}},
      {"ConvolutionOfOneSample", circular, image, 1},
      {"StridedConvolution2D", strided, image},
      {"StridedConvolution3D", strided, volume},
      {"StridedConvolutionOfBlocks", strided, many_channels},
      {"PointwiseConvolution", "  - convolution: {channels: 20, kernel: 1}\n", many_channels},
      {"CoveringConvolution2D", "  - convolution: {channels: 5, kernel: [6, 4]}\n", image},
      {"CoveringConvolution3D", "  - convolution: {channels: 5, kernel: [4, 2, 4]}\n", volume},
      {"BatchNormalisation2D", normalised, image, 2, Mode::training, 3e-3},
      {"BatchNormalisation3D", normalised, volume, 2, Mode::training, 3e-3},
      {"BatchNormalisationOfVectors", normalised, {20, {}}, 7, Mode::training, 1e-2},
      {"BatchNormalisationInInference", normalised, image, 2, Mode::inference},
      {"LeakyRelu2D", "  - leaky_relu: {slope: 0.2}\n", image},
      {"LeakyRelu3D", "  - leaky_relu: {slope: 0.2}\n", volume},
      {"Relu", "  - relu:\n", image},
      {"ReluOfNormalisedValues", normalised + "  - relu:\n", image, 2, Mode::training, 3e-3},
      {"Prelu2D", "  - prelu:\n", image},
      {"PreluPerChannel2D", "  - prelu: {per_channel: true}\n", many_channels},
      {"PreluPerChannel3D", "  - prelu: {per_channel: true}\n", volume},
      {"Elu2D", "  - elu:\n", image},
      {"Elu3D", "  - elu:\n", volume},
      {"Selu2D", "  - selu:\n", image},
      {"Gelu2D", "  - gelu:\n", image},
      {"GeluOfBlocks", "  - gelu:\n", many_channels},
      {"Sigmoid2D", "  - sigmoid:\n", image},
      {"Tanh2D", "  - tanh:\n", image},
      {"TanhWithScale3D", "  - tanh: {scale: 1.2}\n", volume},
      {"Softmax2D", "  - softmax:\n", image},
      {"Softmax3D", "  - softmax:\n", volume},
      {"SoftmaxOfBlocks", "  - softmax:\n", many_channels},
      {"SoftmaxOfVectors", "  - softmax:\n", {5, {}}},
      // Sigmoid and softmax do not map zeros to zeros: a padded channel would show in the weights that read it.
      {"SigmoidAndConvolution", "  - sigmoid:\n" + circular, image},
      {"SigmoidAndDense", "  - sigmoid:\n  - dense: {values: 3}\n", {19, {}}},
      {"SoftmaxAndConvolution", "  - softmax:\n" + zeros, image},
      {"TransposedConvolution2D", "  - transposed_convolution: {channels: 5, kernel: 2, stride: 2}\n", image},
      {"TransposedConvolution3D", "  - transposed_convolution: {channels: 5, kernel: 2, stride: 2}\n", volume},
      {"TransposedConvolutionWithPadding2D",
       "  - transposed_convolution: {channels: 18, kernel: 3, stride: 2, padding: 1, output_padding: 1}\n", image},
      {"TransposedConvolutionWithPadding3D",
       "  - transposed_convolution: {channels: 3, kernel: 3, stride: 2, padding: 1, output_padding: 1}\n", volume},
      {"TransposedConvolutionOfBlocks", "  - transposed_convolution: {channels: 3, kernel: 4, stride: 2, padding: 1}\n",
       many_channels},
      {"TransposedConvolutionAndConvolution",
       "  - transposed_convolution: {channels: 5, kernel: 2, stride: 2, bias: false}\n" + circular,
       {2, {4, 4}}},
      {"InstanceNormalisation2D", "  - instance_normalisation:\n", image, 2, Mode::training, 3e-3},
      {"InstanceNormalisation3D", "  - instance_normalisation:\n", volume, 2, Mode::training, 3e-3},
      {"InstanceNormalisationWithoutWeights", "  - instance_normalisation: {affine: false}\n", many_channels, 2,
       Mode::training, 3e-3},
      {"InstanceNormalisationInInference", "  - instance_normalisation:\n", image, 2, Mode::inference, 3e-3},
      {"NearestUpsampling2D", "  - upsampling: {factor: 2}\n", image},
      {"NearestUpsampling3D", "  - upsampling: {factor: [1, 3, 2]}\n", volume},
      {"LinearUpsampling2D", "  - upsampling: {factor: [2, 3], mode: linear}\n", image},
      {"LinearUpsampling3D", "  - upsampling: {factor: 2, mode: linear}\n", volume},
      {"CircularLinearUpsampling2D", "  - upsampling: {factor: 2, mode: linear, padding_mode: circular}\n",
       many_channels},
      {"CircularLinearUpsampling3D", "  - upsampling: {factor: 2, mode: linear, padding_mode: circular}\n", volume},
      {"UpsamplingAndConvolution", "  - upsampling: {factor: 2}\n" + circular, {2, {4, 4}}},
      {"GlobalAveragePooling2D", "  - global_average_pooling:\n", image},
      {"GlobalAveragePooling3D", "  - global_average_pooling:\n", volume},
      {"GlobalMaxPooling2D", "  - global_max_pooling:\n", many_channels},
      {"GlobalMaxPooling3D", "  - global_max_pooling:\n", volume},
      {"GlobalPoolingAndDense", "  - global_average_pooling:\n  - dense: {values: 3}\n", many_channels},
      {"PaddedMaxPooling2D", "  - max_pooling: {kernel: 3, stride: 2, padding: 1}\n", image},
      {"PaddedMaxPooling3D", "  - max_pooling: {kernel: 3, stride: 2, padding: 1}\n", volume},
      {"PaddedAveragePooling2D", "  - average_pooling: {kernel: 3, stride: 2, padding: 1}\n", image},
      {"PaddedAveragePooling3D", "  - average_pooling: {kernel: 2, padding: 1}\n", volume},
      {"PoolingOfHalos", doubled + "  - max_pooling: {kernel: 2, name: half}\n" + circular, image},
      {"MaxPooling2D", "  - max_pooling: {kernel: 2}\n", image},
      {"MaxPooling3D", "  - max_pooling: {kernel: 2}\n", volume},
      {"OverlappingMaxPooling", "  - max_pooling: {kernel: [4, 2], stride: [2, 1]}\n", image},
      {"AveragePooling2D", "  - average_pooling: {kernel: 2}\n", image},
      {"AveragePooling3D", "  - average_pooling: {kernel: 2}\n", volume},
      {"OverlappingAveragePooling", "  - average_pooling: {kernel: [4, 2], stride: [2, 1]}\n", image},
      {"Dense", "  - dense: {values: 5}\n", {19, {}}, 3},
      {"DenseWithoutBias", "  - dense: {values: 17, bias: false}\n", {5, {}}, 1},
      {"FlattenAndDense", "  - flatten:\n  - dense: {values: 3}\n", many_channels},
      {"Dropout", "  - dropout: {probability: 0.4}\n", image},
      {"DropoutInInference", "  - dropout: {probability: 0.4}\n", image, 2, Mode::inference},
      {"Flatten2D", "  - flatten:\n", image},
      {"Flatten3D", "  - flatten:\n", volume},
      {"Add", skip + "  - add: {from: [same, input, same]}\n", image},
      {"Concatenate2D", joined, image},
      {"Concatenate3D", joined, volume},
      {"ConcatenateOfWholeBlocks", joined, {16, {2, 2}}},
      {"ConcatenateOfVectors",
       "  - leaky_relu: {slope: 0.5, name: same}\n  - concatenate: {from: [same, input, same]}\n",
       {7, {}}},
  };
}

INSTANTIATE_TEST_SUITE_P(Every, LayerGradients, testing::ValuesIn(layer_cases()),
                         [](const auto& tested) { return tested.param.name; });

// Residual blocks, two halos of one tensor, concatenation, pooling, dropout: how layers work together. Gentle
// slopes and no maxima, because a step in thousands of parameters always crosses some kinks.
const char* const little_network = R"(
  - convolution: {channels: 6, kernel: 3, padding: 1, padding_mode: circular, name: trunk}
  - batch_normalisation:
  - leaky_relu: {slope: 0.9, name: first}
  - convolution: {channels: 6, kernel: 3, padding: 1, padding_mode: circular}
  - batch_normalisation:
  - leaky_relu: {slope: 0.9}
  - convolution: {channels: 6, kernel: 1}
  - add: {from: [first, previous], name: sum}
  - leaky_relu: {slope: 0.8, name: active}
  - convolution: {channels: 4, kernel: 3, padding: 1, from: active, name: left}
  - convolution: {channels: 5, kernel: 3, padding: 1, padding_mode: circular, from: active}
  - concatenate: {from: [left, previous, first]}
  - dropout: {probability: 0.2}
  - average_pooling: {kernel: 2}
  - convolution: {channels: 8, kernel: 2, stride: 2}
  - batch_normalisation:
  - leaky_relu: {slope: 0.9}
  - flatten:
  - dense: {values: 7}
  - leaky_relu: {slope: 0.9}
  - dense: {values: 2}
)";

class WholeNetworkGradients : public testing::TestWithParam<std::tuple<SampleShape, Mode>> {};

TEST_P(WholeNetworkGradients, AgreeWithFiniteDifferencesTensorByTensor) {
  const auto& [shape, mode] = GetParam();
  constexpr double tolerance = 1e-2;  // rounding, and the kinks that are left; measured: below 5e-3
  Network network(describe(little_network, shape), 4);
  network.initialise(11);
  ScalarOfNetwork scalar(network, normal_values(static_cast<std::size_t>(4 * shape.values()), 12), mode);
  expect_gradient_norm(scalar, scalar.input(), scalar.input_gradient(), tolerance, "input");
  expect_gradient_norm_of_each_tensor(scalar, network, tolerance);
}

INSTANTIATE_TEST_SUITE_P(Every, WholeNetworkGradients,
                         testing::Combine(testing::Values(SampleShape{1, {16, 8}}, SampleShape{4, {8, 8}},
                                                          SampleShape{2, {8, 4, 8}}),
                                          testing::Values(Mode::training, Mode::inference)));

TEST(NetworkGradients, AreOverwrittenNotAccumulated) {
  Network network(describe(little_network, {1, {8, 8}}), 2);
  network.initialise(3);
  const auto input = normal_values(128, 4);
  const std::vector<std::uint64_t> keys{1, 2};
  const auto output_gradient = normal_values(4, 5);
  network.forward(input, {Mode::training, 0, 0, keys});
  network.backward(output_gradient);
  const std::vector<float> once(network.gradients().begin(), network.gradients().end());
  network.forward(input, {Mode::training, 0, 0, keys});
  network.backward(output_gradient);
  EXPECT_TRUE(std::equal(once.begin(), once.end(), network.gradients().begin()));
}

TEST(NetworkGradients, StayUntouchedWhenOnlyTheInputGradientIsWanted) {
  Network network(describe(little_network, {1, {8, 8}}), 2);
  network.initialise(3);
  const auto output_gradient = normal_values(4, 5);
  std::vector<float> both(128);
  std::vector<float> alone(128);
  network.forward(normal_values(128, 4), {});
  network.backward(output_gradient, both);
  std::fill(network.gradients().begin(), network.gradients().end(), 42.0F);
  network.forward(normal_values(128, 4), {});
  network.backward(output_gradient, alone, Wanted::input_gradient_only);
  EXPECT_EQ(both, alone);
  EXPECT_TRUE(std::all_of(network.gradients().begin(), network.gradients().end(), [](float g) { return g == 42.0F; }));
}

}  // namespace
}  // namespace phiscope::neural::test
