#include "gradient_check.hpp"

namespace phiscope::neural::test {
namespace {

const SampleShape shape{3, {4, 5}};
constexpr std::size_t batch = 2;
constexpr std::size_t points = 20;

/// Mean and mean square deviation of one channel of the batch.
std::pair<double, double> moments(std::span<const float> input, std::size_t channel) {
  double sum = 0.0;
  double squares = 0.0;
  for (int round = 0; round < 2; ++round) {
    const double mean = sum / static_cast<double>(batch * points);
    for (std::size_t n = 0; n < batch; ++n) {
      for (std::size_t i = 0; i < points; ++i) {
        const auto value = static_cast<double>(input[(3 * n + channel) * points + i]);
        if (round == 0) {
          sum += value;
        } else {
          squares += (value - mean) * (value - mean);
        }
      }
    }
  }
  return {sum / static_cast<double>(batch * points), squares / static_cast<double>(batch * points)};
}

std::vector<float> field(float mean) {
  auto input = normal_values(batch * 3 * points, 6);
  for (float& value : input) value += mean;
  return input;
}

TEST(BatchNormalisation, GivesMeanZeroAndVarianceOnePerChannel) {
  Network network(describe("  - batch_normalisation:\n", shape), batch);
  network.initialise(1);
  const auto input = field(3.0F);
  const auto output = network.forward(input, {Mode::training, 0, 0, {}});
  for (std::size_t c = 0; c < 3; ++c) {
    const auto [mean, variance] = moments(input, c);
    for (std::size_t i = 0; i < points; ++i) {
      const auto x = static_cast<double>(input[c * points + i]);
      EXPECT_NEAR(static_cast<double>(output[c * points + i]), (x - mean) / std::sqrt(variance + 1e-5), 5e-6);
    }
  }
}

TEST(BatchNormalisation, KeepsItsDigitsFarFromZero) {
  Network network(describe("  - batch_normalisation:\n", shape), batch);
  network.initialise(1);
  const auto input = field(3000.0F);
  const auto output = network.forward(input, {Mode::training, 0, 0, {}});
  // The mean as a float has an error of 1e-4; the variance is right to rounding of the input.
  for (std::size_t c = 0; c < 3; ++c) {
    const auto [mean, variance] = moments(input, c);
    const auto x = static_cast<double>(input[c * points]);
    EXPECT_NEAR(static_cast<double>(output[c * points]), (x - mean) / std::sqrt(variance + 1e-5), 1e-3);
  }
}

TEST(BatchNormalisation, ReportsMeanAndUnbiasedVarianceBehindTheGradients) {
  Network network(describe("  - batch_normalisation:\n", shape), batch);
  network.initialise(1);
  const auto input = field(0.5F);
  network.forward(input, {Mode::training, 0, 0, {}});
  network.backward(std::vector<float>(batch * 3 * points, 1.0F));
  ASSERT_EQ(network.gradients().size(), network.parameters().size() + network.statistics_size());
  const auto tail = network.gradients().subspan(network.parameters().size());
  const std::size_t padded = tail.size() / 2;
  for (std::size_t c = 0; c < 3; ++c) {
    const auto [mean, variance] = moments(input, c);
    EXPECT_NEAR(static_cast<double>(tail[c]), mean, 1e-6);
    EXPECT_NEAR(static_cast<double>(tail[padded + c]), variance * 40.0 / 39.0, 2e-6);
  }
}

TEST(BatchNormalisation, RunningStatisticsAreExportedByChannel) {
  Network network(describe("  - batch_normalisation:\n", shape), batch);
  network.initialise(1);
  EXPECT_EQ(network.export_tensors()[2].values, std::vector<float>(3, 0.0F));
  EXPECT_EQ(network.export_tensors()[3].values, std::vector<float>(3, 1.0F));
  const auto running = network.running_statistics();
  std::fill(running.begin(), running.end(), 1.25F);
  const auto tensors = network.export_tensors();
  ASSERT_EQ(tensors[2].name, "batch_normalisation_0.running_mean");
  EXPECT_EQ(tensors[2].values, std::vector<float>(3, 1.25F));
  ASSERT_EQ(tensors[3].name, "batch_normalisation_0.running_var");
  EXPECT_EQ(tensors[3].values, std::vector<float>(3, 1.25F));
}

TEST(BatchNormalisation, AForwardPassAloneTellsTheBatchStatistics) {
  Network network(describe("  - batch_normalisation:\n", shape), batch);
  network.initialise(1);
  const auto input = field(0.0F);
  network.forward(input, {Mode::training, 0, 0, {}});
  for (std::size_t c = 0; c < 3; ++c)
    EXPECT_NEAR(static_cast<double>(network.batch_statistics()[c]), moments(input, c).first, 1e-6);
}

TEST(BatchNormalisation, UsesRunningStatisticsInInference) {
  Network network(describe("  - batch_normalisation:\n", shape), batch);
  std::vector<NamedTensor> tensors{{"batch_normalisation_0.weight", {3}, {1, 2, 3}},
                                   {"batch_normalisation_0.bias", {3}, {0, 1, -1}},
                                   {"batch_normalisation_0.running_mean", {3}, {0.5, 0, 1}},
                                   {"batch_normalisation_0.running_var", {3}, {4, 1, 0.25}}};
  network.import_tensors(tensors);
  const auto input = field(0.0F);
  const auto output = network.forward(input, {});
  const double scale[] = {1, 2, 3}, shift[] = {0, 1, -1}, mean[] = {0.5, 0, 1}, variance[] = {4, 1, 0.25};
  for (std::size_t i = 0; i < input.size(); ++i) {
    const std::size_t c = i / points % 3;
    const double expected =
        scale[c] * (static_cast<double>(input[i]) - mean[c]) / std::sqrt(variance[c] + 1e-5) + shift[c];
    ASSERT_NEAR(static_cast<double>(output[i]), expected, 1e-5);
  }
}

TEST(BatchNormalisation, OfASingleValueLeavesTheRunningVarianceAlone) {
  Network network(describe("  - batch_normalisation:\n", {3, {}}), 1);
  network.initialise(1);
  network.forward(std::vector<float>{1, 2, 3}, {Mode::training, 0, 0, {}});
  network.backward(std::vector<float>{1, 1, 1});
  std::copy(network.batch_statistics().begin(), network.batch_statistics().end(), network.running_statistics().begin());
  const auto tensors = network.export_tensors();
  EXPECT_EQ(tensors[3].values, std::vector<float>(3, 1.0F));
  EXPECT_FLOAT_EQ(tensors[2].values[2], 3.0F);
}

TEST(BatchNormalisation, WithTheActivationInTheSameSweepGivesWhatTheyGiveApart) {
  const std::string apart = "  - batch_normalisation: {name: a}\n  - leaky_relu: {slope: 0.2}\n";
  // Read a second time, the normalised values cannot be merged with the activation.
  const std::string together = apart + "  - add: {from: [a, previous]}\n";
  const auto input = field(0.3F);
  Network fused(describe(apart, shape), batch);
  Network separate(describe(together, shape), batch);
  Network normalised(describe("  - batch_normalisation:\n", shape), batch);
  for (Network* network : {&fused, &separate, &normalised}) network->initialise(1);
  const Pass pass{Mode::training, 0, 0, {}};
  const auto a = normalised.forward(input, pass);
  const auto b = fused.forward(input, pass);
  const auto sum = separate.forward(input, pass);
  for (std::size_t i = 0; i < input.size(); ++i) {
    EXPECT_FLOAT_EQ(b[i], a[i] > 0.0F ? a[i] : 0.2F * a[i]);
    EXPECT_FLOAT_EQ(sum[i], a[i] + b[i]);
  }
}

}  // namespace
}  // namespace phiscope::neural::test
