#include "gradient_check.hpp"
#include "phiscope/base/error.hpp"

namespace phiscope::neural::test {
namespace {

constexpr std::size_t values = 3 * 40 * 40;
const SampleShape shape{3, {40, 40}};

std::vector<float> masks(double probability, const std::vector<std::uint64_t>& keys, std::uint64_t seed,
                         std::uint64_t step, const std::string& before = "") {
  Network network(describe(before + "  - dropout: {probability: " + std::to_string(probability) + "}\n", shape),
                  static_cast<std::int64_t>(keys.size()));
  const std::vector<float> ones(keys.size() * values, 1.0F);
  const auto output = network.forward(ones, {Mode::training, seed, step, keys});
  return {output.begin(), output.end()};
}

std::vector<float> sample(const std::vector<float>& batch, std::size_t n) {
  return {batch.begin() + static_cast<std::ptrdiff_t>(n * values),
          batch.begin() + static_cast<std::ptrdiff_t>((n + 1) * values)};
}

TEST(Dropout, MaskOfASampleDoesNotDependOnItsPlaceInTheBatch) {
  const auto one = masks(0.3, {10, 11, 12}, 5, 6);
  const auto other = masks(0.3, {12, 10}, 5, 6);
  EXPECT_EQ(sample(one, 0), sample(other, 1));
  EXPECT_EQ(sample(one, 2), sample(other, 0));
}

TEST(Dropout, MaskDependsOnSampleSeedStepAndLayer) {
  const auto mask = masks(0.3, {10, 11}, 5, 6);
  EXPECT_NE(sample(mask, 0), sample(mask, 1));
  EXPECT_NE(mask, masks(0.3, {10, 11}, 4, 6));
  EXPECT_NE(mask, masks(0.3, {10, 11}, 5, 7));
  EXPECT_NE(mask, masks(0.3, {10, 11}, 5, 6, "  - average_pooling: {kernel: 1}\n"));
  EXPECT_EQ(mask, masks(0.3, {10, 11}, 5, 6));
}

TEST(Dropout, DropsTheProbabilityAndKeepsTheExpectation) {
  const auto mask = masks(0.3, {1, 2, 3, 4}, 0, 0);
  const auto count = static_cast<double>(mask.size());
  const auto dropped = static_cast<double>(std::count(mask.begin(), mask.end(), 0.0F));
  // Five standard deviations of a binomial fraction.
  EXPECT_NEAR(dropped / count, 0.3, 5.0 * std::sqrt(0.3 * 0.7 / count));
  const bool two_values =
      std::all_of(mask.begin(), mask.end(), [](float m) { return m == 0.0F || std::abs(m - 1.0F / 0.7F) < 1e-6F; });
  EXPECT_TRUE(two_values);
}

TEST(Dropout, DoesNothingInInferenceOrWithProbabilityZero) {
  Network network(describe("  - dropout: {probability: 0.9}\n", {7, {}}), 2);
  const auto input = normal_values(14, 3);
  const auto output = network.forward(input, {});
  EXPECT_TRUE(std::equal(input.begin(), input.end(), output.begin()));
  const auto mask = masks(0.0, {1}, 0, 0);
  EXPECT_EQ(std::count(mask.begin(), mask.end(), 1.0F), static_cast<std::ptrdiff_t>(values));
}

TEST(Dropout, NeedsAKeyForEverySample) {
  Network network(describe("  - dropout: {probability: 0.5}\n", {7, {}}), 2);
  const std::vector<std::uint64_t> one_key{1};
  EXPECT_THROW(network.forward(normal_values(14, 3), {Mode::training, 0, 0, one_key}), Error);
}

}  // namespace
}  // namespace phiscope::neural::test
