#include "phiscope/neural/network_description.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>

#include "phiscope/base/error.hpp"

namespace phiscope::neural {
namespace {

const SampleShape image{1, {32, 32}};

NetworkDescription parse(const std::string& yaml, const SampleShape& input = image,
                         const std::map<std::string, double>& parameters = {}) {
  return NetworkDescription::parse(yaml, "net.yaml", parameters, input);
}

/// What parse() says against a file; empty when it takes it.
std::string complaint(const std::string& yaml, const SampleShape& input = image,
                      const std::map<std::string, double>& parameters = {}) {
  try {
    parse(yaml, input, parameters);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

void expect_complaint(const std::string& yaml, const std::vector<std::string>& parts,
                      const SampleShape& input = image) {
  const std::string text = complaint(yaml, input);
  for (const auto& part : parts) EXPECT_NE(text.find(part), std::string::npos) << "'" << part << "' not in: " << text;
}

std::int64_t values_of(const std::string& expression) {
  const auto description =
      parse("parameters: {hidden: 6}\nlayers:\n  - flatten:\n  - dense: {values: \"" + expression + "\"}\n");
  return description.output().channels;
}

TEST(NetworkDescription, EvaluatesExpressions) {
  EXPECT_EQ(values_of("2*hidden + 1"), 13);
  EXPECT_EQ(values_of("2 * (hidden + 1)"), 14);
  EXPECT_EQ(values_of("2^3^2"), 512);
  EXPECT_EQ(values_of("-2^2 + 10"), 6);
  EXPECT_EQ(values_of("10 - 3 - 2"), 5);
  EXPECT_EQ(values_of("12 / 3 / 2"), 2);
  EXPECT_EQ(values_of("log2(size) - channels"), 4);
  EXPECT_EQ(values_of("1.5e1"), 15);
}

TEST(NetworkDescription, NamesWhatIsWrongWithAnExpression) {
  const auto dense = [](const std::string& expression) {
    return "parameters: {hidden: 6}\nlayers:\n  - flatten:\n  - dense: {values: \"" + expression + "\"}\n";
  };
  expect_complaint(dense("2*hiden"), {"net.yaml:4", "dense", "'hiden' is not known", "did you mean 'hidden'"});
  expect_complaint(dense("2*"), {"ends too early"});
  expect_complaint(dense("(2"), {"')' is missing"});
  expect_complaint(dense("2 2"), {"left over"});
  expect_complaint(dense("1/0"), {"division by zero"});
  expect_complaint(dense("log2(0)"), {"not positive"});
  expect_complaint(dense("hidden/4"), {"1.5", "whole number"});
  expect_complaint(dense("hidden-6"), {"at least 1"});
}

TEST(NetworkDescription, UnrollsRepetitionsWithTheirIndex) {
  const auto description = parse(R"(
layers:
  - repeat: log2(size) - 3
    index: block
    layers:
      - convolution: {channels: 4*2^block, kernel: 2, stride: 2}
      - relu:
)");
  ASSERT_EQ(description.layers.size(), 4U);
  EXPECT_EQ(description.layers[0].output, (SampleShape{4, {16, 16}}));
  EXPECT_EQ(description.layers[3].output, (SampleShape{8, {8, 8}}));
  EXPECT_EQ(description.layers[2].path, "convolution_2");
}

TEST(NetworkDescription, OverridesParameters) {
  const std::string yaml = "parameters: {hidden: 6}\nlayers:\n  - flatten:\n  - dense: {values: hidden}\n";
  EXPECT_EQ(parse(yaml).output().channels, 6);
  EXPECT_EQ(parse(yaml, image, {{"hidden", 9.0}}).output().channels, 9);
  const std::string text = complaint(yaml, image, {{"hiden", 9.0}});
  EXPECT_NE(text.find("no parameter 'hiden', did you mean 'hidden'"), std::string::npos) << text;
}

TEST(NetworkDescription, GivesNoBiasToAConvolutionThatIsNormalised) {
  const auto description = parse(R"(
layers:
  - convolution: {channels: 4, kernel: 3}
  - batch_normalisation:
  - convolution: {channels: 4, kernel: 3, bias: true}
  - batch_normalisation:
  - convolution: {channels: 4, kernel: 3}
)");
  const auto bias = [&](std::size_t i) { return std::get<ConvolutionSettings>(description.layers[i].settings).bias; };
  EXPECT_FALSE(bias(0));
  EXPECT_TRUE(bias(2));
  EXPECT_TRUE(bias(4));
}

TEST(NetworkDescription, FollowsNamedInputs) {
  const auto description = parse(R"(
layers:
  - convolution: {channels: 4, kernel: 3, padding: 1, name: a}
  - convolution: {channels: 4, kernel: 3, padding: 1}
  - add: {from: [a, previous], name: a}
  - concatenate: {from: [a, input]}
)");
  EXPECT_EQ(description.layers[2].inputs, (std::vector<int>{0, 1}));
  EXPECT_EQ(description.layers[3].inputs, (std::vector<int>{2, LayerDescription::network_input}));
  EXPECT_EQ(description.output(), (SampleShape{5, {32, 32}}));
}

TEST(NetworkDescription, RefusesMisspeltWordsWithPlaceAndSuggestion) {
  expect_complaint("layer: []\n", {"net.yaml:1", "unknown key 'layer'", "did you mean 'layers'"});
  expect_complaint("layers:\n  - convolutoin: {channels: 1}\n", {"net.yaml:2", "did you mean 'convolution'"});
  expect_complaint("layers:\n  - convolution: {chanels: 1, kernel: 3}\n",
                   {"net.yaml:2", "convolution", "unknown setting 'chanels'", "did you mean 'channels'"});
  expect_complaint("layers:\n  - convolution: {channels: 1, kernel: 3, padding_mode: circlar}\n",
                   {"'circlar'", "did you mean 'circular'"});
  expect_complaint("layers:\n  - relu: {from: inptu}\n", {"'inptu'", "did you mean 'input'"});
  expect_complaint("layers:\n  - convolution: {channels: 1}\n", {"net.yaml:2", "'kernel' is missing"});
  expect_complaint("layers:\n  - convolution: {channels: [1\n", {"net.yaml:", "not YAML"});
  expect_complaint("name: x\n", {"'layers' is missing"});
}

TEST(NetworkDescription, RefusesShapesThatDoNotFit) {
  expect_complaint("layers:\n  - convolution: {channels: 1, kernel: 33}\n",
                   {"net.yaml:2", "layer 0 (convolution)", "1 channel of 32×32", "smaller than the kernel 33"});
  expect_complaint("layers:\n  - convolution: {channels: 1, kernel: 3, stride: 2}\n",
                   {"1 channel of 32×32", "not divisible by the stride 2"});
  expect_complaint("layers:\n  - max_pooling: {kernel: 5}\n", {"max_pooling", "32×32", "not divisible"});
  expect_complaint("layers:\n  - dense: {values: 1}\n", {"1 channel of 32×32", "flatten"});
  expect_complaint("layers:\n  - flatten:\n  - max_pooling: {kernel: 2}\n", {"1024 values", "image or a volume"});
  expect_complaint("layers:\n  - convolution: {channels: 2, kernel: 1, name: a}\n  - add: {from: [a, input]}\n",
                   {"net.yaml:3", "differ in shape", "2 channels of 32×32", "1 channel of 32×32"});
  expect_complaint("layers:\n  - max_pooling: {kernel: 2, name: a}\n  - concatenate: {from: [a, input]}\n",
                   {"differ in extents"});
  expect_complaint("layers:\n  - convolution: {channels: 1, kernel: 9, padding: 8, padding_mode: circular}\n",
                   {"wider than its input"}, {1, {4, 4}});
}

TEST(NetworkDescription, LetsAWindowLeaveOutPaddingButNoInput) {
  // (32 + 2·1 − 3) is odd: with a stride of 2 the last column of padding is not read.
  EXPECT_EQ(parse("layers:\n  - convolution: {channels: 1, kernel: 3, stride: 2, padding: 1}\n").output(),
            (SampleShape{1, {16, 16}}));
  EXPECT_EQ(parse("layers:\n  - max_pooling: {kernel: 3, stride: 2, padding: 1}\n").output(),
            (SampleShape{1, {16, 16}}));
  expect_complaint("layers:\n  - convolution: {channels: 1, kernel: 3, stride: 2}\n",
                   {"leave out points of the input"});
}

TEST(NetworkDescription, FindsTheShapesOfLayersThatResample) {
  const auto shape = [](const std::string& layer) {
    return parse("layers:\n  - " + layer + "\n", {3, {4, 6, 8}}).output();
  };
  EXPECT_EQ(shape("transposed_convolution: {channels: 5, kernel: 2, stride: 2}"), (SampleShape{5, {8, 12, 16}}));
  EXPECT_EQ(shape("transposed_convolution: {channels: 5, kernel: 3, stride: 2, padding: 1, output_padding: 1}"),
            (SampleShape{5, {8, 12, 16}}));
  EXPECT_EQ(shape("upsampling: {factor: [1, 2, 3]}"), (SampleShape{3, {4, 12, 24}}));
  EXPECT_EQ(shape("global_average_pooling:"), (SampleShape{3, {}}));
  EXPECT_EQ(shape("instance_normalisation:"), (SampleShape{3, {4, 6, 8}}));
}

TEST(NetworkDescription, RefusesLayersThatResampleWithSettingsThatDoNotFit) {
  expect_complaint("layers:\n  - transposed_convolution: {channels: 1, kernel: 2, stride: 2, output_padding: 2}\n",
                   {"net.yaml:2", "layer 0 (transposed_convolution)", "output_padding 2", "smaller than the stride 2"});
  expect_complaint("layers:\n  - transposed_convolution: {channels: 1, kernel: 2, padding: 2}\n",
                   {"padding 2 is too wide for the kernel 2"});
  expect_complaint("layers:\n  - max_pooling: {kernel: 2, padding: 2}\n",
                   {"padding 2", "at most half of the kernel 2"});
  expect_complaint("layers:\n  - max_pooling: {kernel: 32}\n", {"1024 points", "may have 256", "global_max_pooling"});
  expect_complaint("layers:\n  - upsampling: {factor: 0}\n", {"upsampling", "at least 1"});
  expect_complaint("layers:\n  - upsampling: {factor: 2, mode: liner}\n", {"'liner'", "did you mean 'linear'"});
  expect_complaint("layers:\n  - flatten:\n  - global_max_pooling:\n",
                   {"net.yaml:3", "1024 values", "image or a volume"});
  expect_complaint("layers:\n  - average_pooling: {kernel: 32}\n  - instance_normalisation:\n",
                   {"instance_normalisation", "one point per channel", "1 channel of 1×1"});
  expect_complaint("layers:\n  - instance_normalisation: {epsilon: 0}\n", {"'epsilon' is 0", "positive"});
  expect_complaint("layers:\n  - prelu: {per_channel: maybe}\n", {"'per_channel' is 'maybe'", "true or false"});
  expect_complaint("layers:\n  - gelu: {slope: 0.1}\n", {"unknown setting 'slope'"});
}

TEST(NetworkDescription, GivesNoBiasToWhatAnInstanceNormalisationReads) {
  const auto description = parse(
      "layers:\n  - transposed_convolution: {channels: 4, kernel: 2, stride: 2}\n"
      "  - instance_normalisation:\n");
  EXPECT_FALSE(std::get<TransposedConvolutionSettings>(description.layers[0].settings).bias);
}

TEST(NetworkDescription, RefusesSettingsOutOfRange) {
  expect_complaint("layers:\n  - dropout: {probability: 1}\n", {"net.yaml:2", "below 1"});
  expect_complaint("layers:\n  - leaky_relu: {slope: -0.1}\n", {"at least 0"});
  expect_complaint("layers:\n  - convolution: {channels: 1, kernel: 3, padding: 3}\n", {"smaller than the kernel"});
  expect_complaint("layers:\n  - convolution: {channels: 1, kernel: [3, 3, 3]}\n", {"lists 3 numbers", "2 extents"});
  expect_complaint("layers:\n  - repeat: 1/2\n    layers: [relu]\n", {"whole number"});
}

TEST(NetworkDescription, RefusesOutputsThatNobodyReads) {
  expect_complaint("layers:\n  - relu:\n  - relu: {from: input}\n", {"net.yaml:2", "no layer reads the output"});
}

TEST(NetworkDescription, RefusesExpressionsThatNoStackBears) {
  for (const char sign : {'(', '-'}) {
    const std::string deep(1'000'000, sign);
    const auto text = complaint(fmt::format("parameters:\n  a: '{}1'\nlayers:\n  - flatten:\n", deep));
    EXPECT_NE(text.find("net.yaml:2"), std::string::npos) << text;
    EXPECT_NE(text.find("inside of one another"), std::string::npos) << text;
    EXPECT_LT(text.size(), 400U);
  }
  EXPECT_EQ(values_of(fmt::format("{}3{}", std::string(40, '('), std::string(40, ')'))), 3);
}

TEST(NetworkDescription, RefusesAnAliasInsideOfItself) {
  expect_complaint("layers: &a\n  - repeat: 2\n    layers: *a\n", {"net.yaml:2", "an alias stands inside"});
}

TEST(NetworkDescription, RefusesASecondDocument) {
  expect_complaint("layers:\n  - flatten:\n---\nlayers:\n  - relu:\n", {"net.yaml:4", "second document"});
}

TEST(NetworkDescription, RefusesRepetitionsThatAreNoCount) {
  const auto of = [](const std::string& count) {
    return "layers:\n  - repeat: " + count + "\n    layers: [relu]\n  - flatten:\n";
  };
  expect_complaint(of("1e308*10 - 1e308*10"), {"net.yaml:2", "'repeat'", "nan"});
  expect_complaint(of("1e308*10"), {"net.yaml:2", "'repeat'", "inf"});
  expect_complaint(of("-1"), {"net.yaml:2", "'repeat'", "at least 0"});
  expect_complaint(of("2.5"), {"net.yaml:2", "'repeat'", "whole number"});
  expect_complaint(of("1e18"), {"net.yaml:2", "'repeat'", "at most 10000"});
}

TEST(NetworkDescription, RefusesRepetitionsOfNothingThatTakeForEver) {
  expect_complaint(
      "layers:\n  - repeat: 10000\n    layers:\n      - repeat: 10000\n        layers:\n          - repeat: 0\n"
      "            layers: [relu]\n  - flatten:\n",
      {"net.yaml:", "100000"});
}

TEST(NetworkDescription, RefusesParametersThatAreNotFinite) {
  expect_complaint("parameters:\n  a: 1e308*10\nlayers:\n  - flatten:\n", {"net.yaml:2", "'a' is inf"});
  const auto text = complaint("parameters: {a: 1}\nlayers:\n  - flatten:\n", image,
                              {{"a", std::numeric_limits<double>::quiet_NaN()}});
  EXPECT_NE(text.find("'a' is nan"), std::string::npos) << text;
}

TEST(NetworkDescription, RefusesSizesThatCannotBeCounted) {
  expect_complaint("layers:\n  - flatten:\n  - dense: {values: 1e12}\n", {"net.yaml:3", "at most 2147483647"});
  expect_complaint("layers:\n  - flatten:\n  - dense: {values: 2e9}\n  - dense: {values: 2e9}\n",
                   {"net.yaml:3", "layer 1 (dense)", "2.048e+12 weights"});
  expect_complaint("layers:\n  - upsampling: {factor: 2e9}\n",
                   {"net.yaml:2", "layer 0 (upsampling)", "4.096e+21 values"});
  expect_complaint("layers:\n  - upsampling: {factor: 100000}\n  - upsampling: {factor: 100000}\n",
                   {"net.yaml:2", "layer 0 (upsampling)", "1.024e+13 values"});
  expect_complaint("layers:\n  - average_pooling: {kernel: 5000}\n", {"25000000 points", "global_average_pooling"},
                   SampleShape{1, {10000, 10000}});
  expect_complaint("layers:\n  - flatten:\n", {"net.yaml", "8e+18 values"},
                   SampleShape{2, {2'000'000'000, 2'000'000'000}});
}

TEST(NetworkDescription, RefusesKeysGivenTwiceAndKeysThatAreNoWords) {
  expect_complaint("layers:\n  - flatten:\n  - dense: {values: 1, values: 2}\n", {"net.yaml:3", "values", "twice"});
  expect_complaint("layers:\n  - [a]: 1\n", {"net.yaml:2", "expected a name"});
}

TEST(NetworkDescription, TakesTrueInEverySpelling) {
  const auto bias = [](const std::string& word) {
    const auto description = parse("layers:\n  - convolution: {channels: 2, kernel: 3, bias: " + word + "}\n");
    return std::get<ConvolutionSettings>(description.layers[0].settings).bias;
  };
  EXPECT_TRUE(bias("True"));
  EXPECT_FALSE(bias("FALSE"));
  EXPECT_FALSE(bias("no"));
  expect_complaint("layers:\n  - convolution: {channels: 2, kernel: 3, bias: perhaps}\n",
                   {"net.yaml:2", "'bias' is 'perhaps'", "true or false"});
}

}  // namespace
}  // namespace phiscope::neural
