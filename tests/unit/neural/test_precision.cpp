// Networks whose values between the layers are stored in bfloat16, beside the same ones in float32.
#include <omp.h>

#include "gradient_check.hpp"

namespace phiscope::neural::test {
namespace {

struct Case {
  std::string name;
  std::string layers;
  SampleShape input;
};
void PrintTo(const Case& tested, std::ostream* out) {
  *out << tested.name;
}

struct Results {
  std::vector<float> output, input_gradient, gradients;
  std::size_t memory;
};

Results results_of(const Case& tested, Precision precision) {
  constexpr std::int64_t batch = 4;
  Network network(describe(tested.layers, tested.input), batch, precision);
  network.initialise(3);
  const auto input = normal_values(static_cast<std::size_t>(batch * tested.input.values()), 5);
  Results results;
  const auto output = network.forward(input, {Mode::training, 1, 0, {}});
  results.output.assign(output.begin(), output.end());
  results.input_gradient.resize(input.size());
  network.backward(normal_values(results.output.size(), 6), results.input_gradient);
  results.gradients.assign(network.gradients().begin(), network.gradients().end());
  results.memory = network.memory();
  return results;
}

/// |a − b| / |b| in the root mean square.
double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0.0;
  double norm = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto x = static_cast<double>(a[i]);
    const auto y = static_cast<double>(b[i]);
    difference += (x - y) * (x - y);
    norm += y * y;
  }
  return std::sqrt(difference / norm);
}

const std::string three = "{channels: 20, kernel: 3, padding: 1, padding_mode: circular}";
const std::string end = "  - average_pooling: {kernel: 4}\n  - flatten:\n  - dense: {values: 2}\n";

class StoredInBfloat16 : public testing::TestWithParam<Case> {};

// Values and gradients are rounded by 2⁻⁹ at most. Where that changes the sign of a value that is small, its gradient
// changes by all of 1 − slope: in a few of a thousand values, which makes several per cent of the norm of a gradient.
TEST_P(StoredInBfloat16, ValuesAndGradientsAreThoseOfFloat32UpToRounding) {
  const auto rounded = results_of(GetParam(), Precision::bfloat16);
  const auto exact = results_of(GetParam(), Precision::float32);
  EXPECT_GT(distance(rounded.output, exact.output), 1e-4);
  EXPECT_LT(distance(rounded.output, exact.output), 0.02);
  EXPECT_LT(distance(rounded.input_gradient, exact.input_gradient), 0.1);
  EXPECT_LT(distance(rounded.gradients, exact.gradients), 0.1);
  EXPECT_LT(rounded.memory, exact.memory);
}

TEST_P(StoredInBfloat16, TheSameBitsOnAnyNumberOfThreads) {
  const int before = omp_get_max_threads();
  omp_set_num_threads(1);
  const auto one = results_of(GetParam(), Precision::bfloat16);
  omp_set_num_threads(3);
  const auto three_threads = results_of(GetParam(), Precision::bfloat16);
  omp_set_num_threads(before);
  EXPECT_EQ(one.output, three_threads.output);
  EXPECT_EQ(one.input_gradient, three_threads.input_gradient);
  EXPECT_EQ(one.gradients, three_threads.gradients);
}

INSTANTIATE_TEST_SUITE_P(
    Networks, StoredInBfloat16,
    testing::Values(
        // Seen through a view by the next convolution: Winograd, patches, and a layer that two others read.
        Case{"views",
             "  - convolution: " + three + "\n  - leaky_relu: {slope: 0.2}\n  - convolution: " + three +
                 "\n  - batch_normalisation:\n  - leaky_relu: {slope: 0.2}\n" +
                 "  - convolution: {channels: 24, kernel: 2, stride: 2}\n  - batch_normalisation:\n" +
                 "  - leaky_relu: {slope: 0.2}\n  - convolution: " + three + "\n" + end,
             {1, {32, 32}}},
        Case{"two_readers",
             "  - convolution: " + three + "\n  - batch_normalisation: {name: shared}\n" +
                 "  - convolution: {channels: 20, kernel: 3, padding: 1, padding_mode: circular, "
                 "from: shared, name: a}\n" +
                 "  - convolution: {channels: 20, kernel: 3, padding: 1, padding_mode: circular, "
                 "from: shared, name: b}\n" +
                 "  - add: {from: [a, b]}\n" + end,
             {2, {16, 16}}},
        // Written out by the normalisation or the activation, in float32.
        Case{"written",
             "  - convolution: " + three + "\n  - batch_normalisation:\n  - leaky_relu: {slope: 0.2}\n" +
                 "  - max_pooling: {kernel: 2}\n  - convolution: " + three + "\n  - relu:\n" + end,
             {1, {32, 32}}},
        // Padded with zeros: nothing can be a view.
        Case{"zeros",
             "  - convolution: {channels: 20, kernel: 3, padding: 1}\n  - leaky_relu: {slope: 0.2}\n"
             "  - convolution: {channels: 20, kernel: 3, padding: 1}\n  - batch_normalisation:\n" +
                 end,
             {1, {32, 32}}},
        Case{"volumes",
             "  - convolution: " + three + "\n  - batch_normalisation:\n  - leaky_relu: {slope: 0.2}\n" +
                 "  - convolution: " + three + "\n  - batch_normalisation:\n  - leaky_relu: {slope: 0.2}\n" +
                 "  - convolution: {channels: 24, kernel: 2, stride: 2}\n  - relu:\n" + end,
             {1, {16, 16, 16}}}),
    [](const auto& tested) { return tested.param.name; });

TEST(Precision, IsAmongTheKernelsThatACheckpointNames) {
  const auto description = describe("  - dense: {values: 1}\n", {3, {}});
  EXPECT_NE(Network(description, 1).kernels(), Network(description, 1, Precision::bfloat16).kernels());
}

}  // namespace
}  // namespace phiscope::neural::test
