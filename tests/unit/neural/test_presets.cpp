// The networks of config/networks: their shapes, their sizes against the formulas of their definitions, and their
// gradients at a tiny size.
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "gradient_check.hpp"

namespace phiscope::neural::test {
namespace {

using Parameters = std::map<std::string, double>;

const std::filesystem::path folder = std::filesystem::path(PHISCOPE_SOURCE_DIR) / "config" / "networks";

NetworkDescription preset(const std::string& name, const SampleShape& input, const Parameters& parameters = {}) {
  const auto file = folder / (name + ".yaml");
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return NetworkDescription::parse(text.str(), file.string(), parameters, input);
}

struct PresetCase {
  std::string name;
  SampleShape input;
  Parameters parameters;
  SampleShape output;
  std::int64_t count;  ///< of parameters
};
void PrintTo(const PresetCase& tested, std::ostream* out) {
  *out << tested.name;
}

/// Weights of a convolution of `points` points, with a bias or, normalised, two parameters per channel.
std::int64_t convolution(std::int64_t from, std::int64_t to, std::int64_t points, bool normalised = true) {
  return from * to * points + (normalised ? 2 : 1) * to;
}
std::int64_t dense(std::int64_t from, std::int64_t to) {
  return (from + 1) * to;
}

std::int64_t resnet_count(std::int64_t width, std::int64_t blocks, std::int64_t rank) {
  const auto cube = [&](std::int64_t side) { return rank == 2 ? side * side : side * side * side; };
  std::int64_t count = convolution(1, width, cube(7)) + 2 * blocks * convolution(width, width, cube(3));
  for (std::int64_t from = width; from < 8 * width; from *= 2) {
    const std::int64_t to = 2 * from;
    count += convolution(from, to, 1) + convolution(from, to, cube(3));
    count += (2 * blocks - 1) * convolution(to, to, cube(3));
  }
  return count + dense(8 * width, 1);
}

std::int64_t unet_count(std::int64_t w, std::int64_t channels) {
  std::int64_t count = convolution(channels, w, 27) + convolution(w, w, 27) + convolution(w, 2 * w, 8);
  count += 2 * convolution(2 * w, 2 * w, 27) + convolution(2 * w, 4 * w, 8) + 2 * convolution(4 * w, 4 * w, 27);
  count += convolution(4 * w, 2 * w, 8) + convolution(4 * w, 2 * w, 27) + convolution(2 * w, 2 * w, 27);
  count += convolution(2 * w, w, 8) + convolution(2 * w, w, 27) + convolution(w, w, 27);
  return count + w * channels + channels;
}

std::int64_t moments_count(std::int64_t hidden, std::int64_t outputs) {
  std::int64_t count = -2 * hidden;  // the very first convolution has a bias instead of two parameters
  std::int64_t from = 1;
  for (std::int64_t to = 2 * hidden; to <= 64 * hidden; to *= 2) {
    count += convolution(from, to, 9) + convolution(to, to, 9) + convolution(to, to, 4);
    from = to;
  }
  return count + convolution(from, 128 * hidden, 16) + dense(128 * hidden, 64 * hidden) + dense(64 * hidden, outputs);
}

/// Of one channel, at any size.
std::int64_t scales_count(std::int64_t hidden) {
  std::int64_t count = convolution(1, 2 * hidden, 9) + convolution(2 * hidden, 2 * hidden, 9);
  count += convolution(2 * hidden, 4 * hidden, 9) + convolution(4 * hidden, 8 * hidden, 9);
  count += convolution(8 * hidden, 8 * hidden, 9);
  const std::int64_t averages = 1 + (2 + 4 + 8 + 8) * hidden;
  return count + 2 * averages + dense(averages, 8 * hidden) + dense(8 * hidden, 1);
}

/// The same without normalisations.
std::int64_t strengths_count(std::int64_t hidden) {
  std::int64_t count = convolution(1, 2 * hidden, 9, false) + convolution(2 * hidden, 2 * hidden, 9, false);
  count += convolution(2 * hidden, 4 * hidden, 9, false) + convolution(4 * hidden, 8 * hidden, 9, false);
  count += convolution(8 * hidden, 8 * hidden, 9, false);
  const std::int64_t averages = 1 + (2 + 4 + 8 + 8) * hidden;
  return count + dense(averages, 8 * hidden) + dense(8 * hidden, 1);
}

std::vector<PresetCase> preset_cases() {
  const SampleShape map{1, {256, 256}};
  const SampleShape one{1, {}};
  const auto racoon = [](std::int64_t p) { return 704 * p * p + 44 * p + 1; };
  const auto penguin = [](std::int64_t p) { return 4202 * p * p + 101 * p + 1; };
  const std::int64_t cosmoflow_bottom =
      convolution(32, 64, 27, false) + convolution(64, 128, 27, false) + convolution(128, 256, 27, false);
  const std::int64_t cosmoflow_top = dense(128, 64) + dense(64, 4);
  std::vector<PresetCase> cases;
  for (const std::int64_t p : {16, 32, 64}) {
    const Parameters parameters{{"p", static_cast<double>(p)}};
    cases.push_back({"racoon", map, parameters, one, racoon(p)});
    cases.push_back({"penguin", map, parameters, one, penguin(p)});
  }
  cases.push_back({"cosmoflow",
                   {1, {64, 64, 64}},
                   {{"last", 256}},
                   {4, {}},
                   convolution(1, 32, 27, false) + cosmoflow_bottom + convolution(256, 256, 27, false) +
                       dense(2048, 128) + cosmoflow_top});
  cases.push_back({"cosmoflow",
                   {4, {128, 128, 128}},
                   {},
                   {4, {}},
                   convolution(4, 32, 27, false) + cosmoflow_bottom + convolution(256, 512, 27, false) +
                       dense(32768, 128) + cosmoflow_top});
  cases.push_back({"resnet", map, {}, one, resnet_count(64, 2, 2)});
  cases.push_back({"resnet", {1, {64, 64, 64}}, {{"width", 16}, {"blocks", 3}}, one, resnet_count(16, 3, 3)});
  cases.push_back({"unet3d", {3, {32, 32, 32}}, {}, {3, {32, 32, 32}}, unet_count(64, 3)});
  cases.push_back({"mlp", {60, {}}, {}, one, dense(60, 64) + 2 * dense(64, 64) + dense(64, 1)});
  cases.push_back(
      {"mlp", {60, {}}, {{"layers", 1}, {"width", 8}, {"outputs", 2}}, {2, {}}, dense(60, 8) + dense(8, 2)});
  cases.push_back({"camels_mdn",
                   map,
                   {},
                   {3 * 4 * 6, {}},
                   convolution(1, 16, 25) + convolution(16, 32, 9, false) + convolution(32, 64, 9, false) +
                       dense(65536, 128) + dense(128, 64) + dense(64, 64) + dense(64, 72)});
  cases.push_back({"camels_moments", map, {}, {12, {}}, moments_count(8, 12)});
  cases.push_back({"scales", map, {}, one, scales_count(8)});
  cases.push_back({"scales", {1, {64, 64}}, {{"hidden", 5}}, one, scales_count(5)});
  cases.push_back({"strengths", {1, {64, 64}}, {{"hidden", 4}}, one, strengths_count(4)});
  // As many as the source says of its emulator and of its classifier.
  cases.push_back({"sigmoid_mlp", {3, {}}, {{"outputs", 4}}, {4, {}}, 69154});
  cases.push_back({"sigmoid_mlp", {15, {}}, {{"outputs", 3}}, {3, {}}, 70803});
  return cases;
}

class Presets : public testing::TestWithParam<PresetCase> {};

TEST_P(Presets, HaveTheShapeAndTheParametersOfTheirDefinition) {
  const PresetCase& tested = GetParam();
  const auto description = preset(tested.name, tested.input, tested.parameters);
  EXPECT_EQ(description.output(), tested.output);
  EXPECT_EQ(Network(description, 1).parameter_count(), tested.count);
}

INSTANTIATE_TEST_SUITE_P(Every, Presets, testing::ValuesIn(preset_cases()),
                         [](const auto& tested) { return tested.param.name + std::to_string(tested.index); });

TEST(PresetCosmoflow, HasThePublishedSizeAt64) {
  const Network network(preset("cosmoflow", {1, {64, 64, 64}}, {{"last", 256}}), 1);
  EXPECT_NEAR(static_cast<double>(network.parameter_count()), 3.2e6, 0.05e6);
}

TEST(PresetCosmoflow, StaysWithinTheScaledTanh) {
  Network network(preset("cosmoflow", {1, {32, 32, 32}}, {{"base", 4}}), 1);
  network.initialise(1);
  auto input = normal_values(32 * 32 * 32, 2);
  for (float& value : input) value *= 1e4F;
  for (const float y : network.forward(input, {})) EXPECT_LE(std::abs(y), 1.2F);
}

/// A small version of each preset.
struct TinyCase {
  std::string name;
  SampleShape input;
  Parameters parameters;
};
void PrintTo(const TinyCase& tested, std::ostream* out) {
  *out << tested.name;
}

std::vector<TinyCase> tiny_cases() {
  return {{"o3", {1, {16, 16}}, {{"hidden", 2}, {"dropout", 0.2}}},
          {"small", {1, {16, 16}}, {{"hidden", 3}}},
          {"scales", {1, {16, 16}}, {{"hidden", 3}, {"dropout", 0.2}}},
          {"strengths", {1, {16, 16}}, {{"hidden", 3}, {"dropout", 0.2}}},
          {"sigmoid_mlp", {5, {}}, {{"layers", 2}, {"width", 7}, {"outputs", 2}}},
          {"racoon", {2, {64, 64}}, {{"p", 3}, {"dropout", 0.2}}},
          {"penguin", {1, {64, 64}}, {{"p", 3}, {"dropout", 0.2}}},
          {"cosmoflow", {2, {32, 32, 32}}, {{"base", 3}, {"dropout", 0.2}}},
          {"resnet", {1, {64, 64}}, {{"width", 3}, {"blocks", 1}}},
          {"resnet", {1, {32, 32, 32}}, {{"width", 3}, {"blocks", 2}}},
          {"unet3d", {3, {8, 8, 8}}, {{"width", 3}}},
          {"mlp", {20, {}}, {{"width", 18}, {"layers", 2}}},
          {"camels_mdn", {1, {16, 16}}, {{"targets", 2}, {"hidden", 3}}},
          {"camels_moments", {1, {16, 16}}, {{"hidden", 2}}},
          {"ravanbakhsh", {1, {32, 32, 32}}, {{"base", 3}}}};
}

/// The same graph with gentle slopes and averages instead of maxima: a step in thousands of parameters always crosses
/// some kinks. The layers themselves are tested with kinks and maxima elsewhere.
NetworkDescription without_kinks(NetworkDescription description) {
  for (auto& layer : description.layers) {
    auto* const activation = std::get_if<ActivationSettings>(&layer.settings);
    if (activation != nullptr && activation->function == Activation::leaky_relu) activation->slope = 0.9;
    if (auto* const pooling = std::get_if<PoolingSettings>(&layer.settings)) pooling->maximum = false;
  }
  return description;
}

class PresetGradients : public testing::TestWithParam<std::tuple<TinyCase, Mode>> {};

TEST_P(PresetGradients, AgreeWithFiniteDifferencesTensorByTensor) {
  const auto& [tested, mode] = GetParam();
  constexpr std::int64_t batch = 5;
  constexpr double tolerance = 3e-2;  // rounding, and the kinks that are left
  Network network(without_kinks(preset(tested.name, tested.input, tested.parameters)), batch);
  network.initialise(21);
  ScalarOfNetwork scalar(network, normal_values(static_cast<std::size_t>(batch * tested.input.values()), 22), mode);
  expect_gradient_norm(scalar, scalar.input(), scalar.input_gradient(), tolerance, "input");
  expect_gradient_norm(scalar, network.parameters(), scalar.parameter_gradient(), tolerance, "parameters");
  expect_gradient_norm_of_each_tensor(scalar, network, tolerance, 2e-3);
}

INSTANTIATE_TEST_SUITE_P(Every, PresetGradients,
                         testing::Combine(testing::ValuesIn(tiny_cases()),
                                          testing::Values(Mode::training, Mode::inference)),
                         [](const auto& tested) {
                           return std::get<0>(tested.param).name + std::to_string(tested.index);
                         });

TEST(PresetFolder, HoldsOnlyNetworksThatAreTestedHere) {
  std::set<std::string> known;
  for (const auto& tested : tiny_cases()) known.insert(tested.name);
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    EXPECT_EQ(known.count(entry.path().stem().string()), 1U) << entry.path().filename();
  }
}

}  // namespace
}  // namespace phiscope::neural::test
