// Activations against their definitions in double.
#include <functional>
#include <limits>

#include "gradient_check.hpp"

namespace phiscope::neural::test {
namespace {

struct ActivationCase {
  std::string name;
  std::string layer;
  std::function<double(double)> definition;
};
void PrintTo(const ActivationCase& activation, std::ostream* out) {
  *out << activation.name;
}

class Activations : public testing::TestWithParam<ActivationCase> {};

TEST_P(Activations, AreTheirDefinitions) {
  const auto& [name, layer, definition] = GetParam();
  const SampleShape shape{5, {6, 7}};
  Network network(describe("  - " + layer + ":\n", shape), 3);
  network.initialise(1);
  auto input = normal_values(3 * 5 * 42, 3);
  for (float& value : input) value *= 4.0F;
  const auto output = network.forward(input, {});
  for (std::size_t i = 0; i < input.size(); ++i) {
    const double expected = definition(static_cast<double>(input[i]));
    ASSERT_NEAR(static_cast<double>(output[i]), expected, 1e-6 * (1.0 + std::abs(expected))) << input[i];
  }
}

TEST_P(Activations, AndTheirGradientsAreFiniteFarFromZero) {
  const std::vector<float> input{-1e4F, -90.0F, -30.0F, 30.0F, 90.0F, 1e4F};
  Network network(describe("  - " + GetParam().layer + ":\n", {6, {}}), 1);
  network.initialise(1);
  const auto output = network.forward(input, {});
  for (std::size_t i = 0; i < input.size(); ++i) {
    const double expected = GetParam().definition(static_cast<double>(input[i]));
    EXPECT_NEAR(static_cast<double>(output[i]), expected, 1e-6 * (1.0 + std::abs(expected))) << input[i];
  }
  std::vector<float> gradient(6);
  network.backward(std::vector<float>(6, 1.0F), gradient);
  for (const float g : gradient) EXPECT_TRUE(std::isfinite(g));
}

double elu(double x) {
  return x > 0.0 ? x : std::expm1(x);
}

INSTANTIATE_TEST_SUITE_P(
    Every, Activations,
    testing::Values(ActivationCase{"Relu", "relu", [](double x) { return std::max(0.0, x); }},
                    ActivationCase{"Prelu", "prelu", [](double x) { return x > 0.0 ? x : 0.25 * x; }},
                    ActivationCase{"Elu", "elu", elu},
                    ActivationCase{"Selu", "selu",
                                   [](double x) {
                                     return 1.0507009873554805 * (x > 0.0 ? x : 1.6732632423543772 * std::expm1(x));
                                   }},
                    ActivationCase{"Gelu", "gelu", [](double x) { return 0.5 * x * std::erfc(-x / std::sqrt(2.0)); }},
                    ActivationCase{"Sigmoid", "sigmoid", [](double x) { return 1.0 / (1.0 + std::exp(-x)); }},
                    ActivationCase{"Tanh", "tanh", [](double x) { return std::tanh(x); }}),
    [](const auto& tested) { return tested.param.name; });

TEST(Tanh, IsMultipliedByItsScale) {
  Network network(describe("  - tanh: {scale: 1.2}\n", {2, {}}), 1);
  const std::vector<float> input{0.5F, -30.0F};
  const auto output = network.forward(input, {});
  EXPECT_NEAR(output[0], 1.2F * std::tanh(0.5F), 1e-6F);
  EXPECT_NEAR(output[1], -1.2F, 1e-6F);
}

TEST(Prelu, HasOneSlopeForAllOrOnePerChannel) {
  Network one(describe("  - prelu:\n", {18, {2, 2}}), 1);
  Network each(describe("  - prelu: {per_channel: true}\n", {18, {2, 2}}), 1);
  EXPECT_EQ(one.parameter_count(), 1);
  EXPECT_EQ(each.parameter_count(), 18);
  auto tensors = each.export_tensors();
  ASSERT_EQ(tensors[0].name, "prelu_0.weight");
  std::iota(tensors[0].values.begin(), tensors[0].values.end(), 0.0F);
  each.import_tensors(tensors);
  const auto output = each.forward(std::vector<float>(72, -1.0F), {});
  for (std::size_t i = 0; i < 72; ++i) EXPECT_EQ(output[i], -static_cast<float>(i / 4));
}

TEST(Softmax, IsAProbabilityOverTheChannelsOfEachPoint) {
  const SampleShape shape{19, {3, 4}};
  Network network(describe("  - softmax:\n", shape), 2);
  auto input = normal_values(2 * 19 * 12, 5);
  for (float& value : input) value = 100.0F * value + 1e4F;
  const auto output = network.forward(input, {});
  for (std::size_t n = 0; n < 2; ++n) {
    for (std::size_t point = 0; point < 12; ++point) {
      const auto place = [&](std::size_t c) { return (n * 19 + c) * 12 + point; };
      double largest = -1e9;
      for (std::size_t c = 0; c < 19; ++c) largest = std::max(largest, static_cast<double>(input[place(c)]));
      double sum = 0.0;
      for (std::size_t c = 0; c < 19; ++c) sum += std::exp(static_cast<double>(input[place(c)]) - largest);
      for (std::size_t c = 0; c < 19; ++c) {
        EXPECT_NEAR(static_cast<double>(output[place(c)]),
                    std::exp(static_cast<double>(input[place(c)]) - largest) / sum, 1e-6);
      }
    }
  }
}

TEST(ActivationGains, KeepTheVarianceOfWhatFollows) {
  const auto variance_times_fan_in = [](const std::string& activation) {
    Network network(describe("  - dense: {values: 200}\n  - " + activation + ":\n", {200, {}}), 1);
    network.initialise(3);
    const auto weights = network.export_tensors()[0].values;
    double squares = 0.0;
    for (const float w : weights) squares += static_cast<double>(w) * static_cast<double>(w);
    return squares / static_cast<double>(weights.size()) * 200.0;
  };
  // Five standard deviations of the estimate from 40000 weights.
  for (const std::string activation : {"relu", "elu", "gelu"}) {
    EXPECT_NEAR(variance_times_fan_in(activation), 2.0, 2.0 * 0.036) << activation;
  }
  for (const std::string activation : {"selu", "tanh", "sigmoid", "softmax"}) {
    EXPECT_NEAR(variance_times_fan_in(activation), 1.0, 0.036) << activation;
  }
  EXPECT_NEAR(variance_times_fan_in("prelu"), 2.0 / 1.0625, 2.0 * 0.036);
}

}  // namespace
}  // namespace phiscope::neural::test
