#include "gradient_check.hpp"

namespace phiscope::neural::test {
namespace {

TEST(InstanceNormalisation, GivesEverySampleAndChannelMeanZeroAndVarianceOne) {
  for (const SampleShape& shape : {SampleShape{18, {4, 5}}, SampleShape{3, {2, 3, 4}}}) {
    Network network(describe("  - instance_normalisation:\n", shape), 2);
    network.initialise(1);
    const auto points = static_cast<std::size_t>(shape.values() / shape.channels);
    auto input = normal_values(2 * static_cast<std::size_t>(shape.values()), 6);
    for (float& value : input) value += 300.0F;
    for (const Mode mode : {Mode::training, Mode::inference}) {
      const auto output = network.forward(input, {mode, 0, 0, {}});
      for (std::size_t first = 0; first < input.size(); first += points) {
        double sum = 0.0;
        double squares = 0.0;
        for (std::size_t i = first; i < first + points; ++i) sum += static_cast<double>(input[i]);
        const double mean = sum / static_cast<double>(points);
        for (std::size_t i = first; i < first + points; ++i)
          squares += std::pow(static_cast<double>(input[i]) - mean, 2);
        const double deviation = std::sqrt(squares / static_cast<double>(points) + 1e-5);
        for (std::size_t i = first; i < first + points; ++i) {
          // The mean as a float has an error of 3e-5.
          ASSERT_NEAR(static_cast<double>(output[i]), (static_cast<double>(input[i]) - mean) / deviation, 1e-4) << i;
        }
      }
    }
  }
}

TEST(InstanceNormalisation, MultipliesByWeightsAndAddsBiases) {
  Network network(describe("  - instance_normalisation:\n", {2, {1, 2}}), 1);
  std::vector<NamedTensor> tensors{{"instance_normalisation_0.weight", {2}, {2, 3}},
                                   {"instance_normalisation_0.bias", {2}, {10, 20}}};
  network.import_tensors(tensors);
  const auto output = network.forward(std::vector<float>{-5, 5, 100, 300}, {});
  const std::vector<float> expected{8, 12, 17, 23};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(output[i], expected[i], 1e-5F);
}

TEST(InstanceNormalisation, WithoutWeightsHasNoParameters) {
  const Network network(describe("  - instance_normalisation: {affine: false}\n", {2, {4, 4}}), 1);
  EXPECT_EQ(network.parameter_count(), 0);
}

}  // namespace
}  // namespace phiscope::neural::test
