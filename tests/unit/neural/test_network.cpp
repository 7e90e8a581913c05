#include "phiscope/neural/network.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

#include "gradient_check.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/memory.hpp"
#include "phiscope/neural/loss.hpp"
#include "phiscope/neural/onednn_version.hpp"
#include "phiscope/neural/optimizer.hpp"

namespace phiscope::neural::test {
namespace {

NetworkDescription preset(const std::string& name, std::int64_t size,
                          const std::map<std::string, double>& parameters = {}) {
  const std::string file = std::string(PHISCOPE_SOURCE_DIR) + "/config/networks/" + name + ".yaml";
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return NetworkDescription::parse(text.str(), file, parameters, {1, {size, size}});
}

const std::string mixed = R"(
  - convolution: {channels: 5, kernel: 3, padding: 1, padding_mode: circular}
  - leaky_relu: {slope: 0.2}
  - convolution: {channels: 20, kernel: 2, stride: 2}
  - batch_normalisation:
  - leaky_relu: {slope: 0.2}
  - convolution: {channels: 6, kernel: 4}
  - flatten:
  - dropout: {probability: 0.3}
  - dense: {values: 3}
)";
const SampleShape mixed_input{2, {8, 8}};

void expect_same(const std::vector<NamedTensor>& a, const std::vector<NamedTensor>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].name, b[i].name);
    EXPECT_EQ(a[i].shape, b[i].shape);
    EXPECT_EQ(a[i].values, b[i].values) << a[i].name;
  }
}

TEST(Network, ExportsPlainTensorsUnderReadableNames) {
  const Network network(describe(mixed, mixed_input), 2);
  std::vector<std::string> names;
  for (const auto& tensor : network.export_tensors()) names.push_back(tensor.name);
  EXPECT_EQ(names,
            (std::vector<std::string>{"convolution_0.weight", "convolution_0.bias", "convolution_2.weight",
                                      "batch_normalisation_3.weight", "batch_normalisation_3.bias",
                                      "convolution_5.weight", "convolution_5.bias", "dense_8.weight", "dense_8.bias",
                                      "batch_normalisation_3.running_mean", "batch_normalisation_3.running_var"}));
  EXPECT_EQ(network.export_tensors()[2].shape, (std::vector<std::int64_t>{20, 5, 2, 2}));
  EXPECT_EQ(network.export_tensors()[5].shape, (std::vector<std::int64_t>{6, 20, 4, 4}));
}

TEST(Network, ImportsWhatItExported) {
  Network one(describe(mixed, mixed_input), 2);
  Network other(describe(mixed, mixed_input), 2);
  one.initialise(4);
  const auto statistics = normal_values(one.statistics_size(), 1);
  std::copy(statistics.begin(), statistics.end(), one.running_statistics().begin());
  auto tensors = one.export_tensors();
  std::reverse(tensors.begin(), tensors.end());
  other.import_tensors(tensors);
  expect_same(one.export_tensors(), other.export_tensors());
  EXPECT_TRUE(std::equal(one.parameters().begin(), one.parameters().end(), other.parameters().begin()));
}

TEST(Network, ExportsAndImportsMomentsLikeParameters) {
  Network network(describe(mixed, mixed_input), 2);
  network.initialise(4);
  std::vector<float> arena(network.parameters().size(), -1.0F);
  network.import_arena(network.export_arena(network.parameters()), arena);
  EXPECT_TRUE(std::equal(arena.begin(), arena.end(), network.parameters().begin()));
}

TEST(Network, NamesATensorThatIsMissingUnknownOrMisshapen) {
  Network network(describe(mixed, mixed_input), 2);
  const auto message = [&](const std::vector<NamedTensor>& tensors) -> std::string {
    try {
      network.import_tensors(tensors);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  auto tensors = network.export_tensors();
  tensors[2].shape = {5, 20, 2, 2};
  EXPECT_NE(message(tensors).find("'convolution_2.weight' is 5×20×2×2"), std::string::npos) << message(tensors);
  tensors = network.export_tensors();
  tensors.push_back({"dense_9.weight", {1}, {0.0F}});
  EXPECT_NE(message(tensors).find("no tensor 'dense_9.weight'"), std::string::npos) << message(tensors);
  tensors.resize(8);
  EXPECT_NE(message(tensors).find("missing"), std::string::npos) << message(tensors);
}

TEST(Network, InitialisesWithHeVariance) {
  Network network(preset("o3", 32), 1);
  network.initialise(2);
  for (const auto& tensor : network.export_tensors()) {
    if (!tensor.name.ends_with("weight") || tensor.shape.size() == 1) continue;
    double sum = 0.0;
    double squares = 0.0;
    for (const float value : tensor.values) {
      sum += static_cast<double>(value);
      squares += static_cast<double>(value) * static_cast<double>(value);
    }
    const auto count = static_cast<double>(tensor.values.size());
    const double fan_in = count / static_cast<double>(tensor.shape[0]);
    const bool last = tensor.shape[0] == 1;  // no activation follows it
    const double variance = (last ? 1.0 : 2.0 / 1.04) / fan_in;
    // Five standard deviations of the estimates.
    EXPECT_NEAR(squares / count, variance, 5.0 * variance * std::sqrt(2.0 / count)) << tensor.name;
    EXPECT_NEAR(sum / count, 0.0, 5.0 * std::sqrt(variance / count)) << tensor.name;
  }
}

TEST(Network, InitialisesBiasesShiftsAndStatisticsAsPromised) {
  Network network(describe(mixed, mixed_input), 2);
  std::fill(network.running_statistics().begin(), network.running_statistics().end(), 9.0F);
  network.initialise(2);
  for (const auto& tensor : network.export_tensors()) {
    if (tensor.shape.size() > 1) continue;
    const bool one = tensor.name.ends_with("weight") || tensor.name.ends_with("running_var");
    EXPECT_EQ(tensor.values, std::vector<float>(tensor.values.size(), one ? 1.0F : 0.0F)) << tensor.name;
  }
}

TEST(Network, InitialisationDependsOnTheSeedAlone) {
  Network one(describe(mixed, mixed_input), 1);
  Network other(describe(mixed, mixed_input), 4);
  one.initialise(3);
  other.initialise(3);
  expect_same(one.export_tensors(), other.export_tensors());
  other.initialise(4);
  EXPECT_NE(one.export_tensors()[0].values, other.export_tensors()[0].values);
}

/// Parameters after a few steps of training on fixed random data.
std::vector<float> train(const NetworkDescription& description, std::int64_t batch, int steps) {
  Network network(description, batch);
  network.initialise(5);
  const auto optimizer = Optimizer::make({}, network.parameters().size());
  const auto loss = Loss::make({});
  const auto samples = static_cast<std::size_t>(batch);
  std::vector<std::uint64_t> keys(samples);
  std::iota(keys.begin(), keys.end(), std::uint64_t{0});
  std::vector<float> gradient(samples * static_cast<std::size_t>(network.outputs()));
  const std::vector<float> targets(gradient.size(), 1.0F);
  for (int step = 0; step < steps; ++step) {
    const auto count = samples * static_cast<std::size_t>(description.input.values());
    const auto input = normal_values(count, static_cast<std::uint64_t>(step));
    const auto logits = network.forward(input, {Mode::training, 1, static_cast<std::uint64_t>(step), keys});
    loss->evaluate(logits, targets, batch, gradient);
    network.backward(gradient);
    optimizer->step(network.parameters(), network.gradients());
  }
  return {network.parameters().begin(), network.parameters().end()};
}

TEST(Network, TrainingRepeatsBitForBit) {
  EXPECT_EQ(train(describe(mixed, mixed_input), 4, 5), train(describe(mixed, mixed_input), 4, 5));
  EXPECT_EQ(train(preset("small", 16), 3, 3), train(preset("small", 16), 3, 3));
}

TEST(Network, PaddingStaysExactlyZeroInTraining) {
  const auto parameters = train(describe(mixed, mixed_input), 4, 5);
  const auto mask = parameter_mask(Network(describe(mixed, mixed_input), 4));
  ASSERT_EQ(mask.size(), parameters.size());
  for (std::size_t i = 0; i < mask.size(); ++i) {
    ASSERT_TRUE(mask[i] == 1.0F || parameters[i] == 0.0F) << i;
  }
}

TEST(Network, SamplesDoNotSeeEachOtherInInference) {
  Network one(describe(mixed, mixed_input), 1);
  Network four(describe(mixed, mixed_input), 4);
  one.initialise(6);
  four.initialise(6);
  const auto input = normal_values(4 * 128, 7);
  const auto together = four.forward(input, {});
  for (std::size_t n = 0; n < 4; ++n) {
    const auto alone = one.forward(std::span(input).subspan(128 * n, 128), {});
    for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(together[3 * n + i], alone[i], 1e-5F);
  }
}

TEST(Network, RefusesDataOfAnotherLength) {
  Network network(describe(mixed, mixed_input), 2);
  EXPECT_THROW(network.forward(normal_values(100, 1), {}), Error);
  EXPECT_THROW(network.backward(normal_values(6, 1)), Error);
  network.forward(normal_values(256, 1), {});
  EXPECT_THROW(network.backward(normal_values(5, 1)), Error);
  std::vector<float> short_gradient(3);
  EXPECT_THROW(network.backward(normal_values(6, 1), short_gradient), Error);
  EXPECT_THROW(Network(describe(mixed, mixed_input), 0), Error);
}

TEST(Network, SummaryListsLayersShapesAndCosts) {
  const Network network(describe(mixed, mixed_input), 2);
  const std::string text = network.summary();
  EXPECT_NE(text.find("convolution_2"), std::string::npos) << text;
  EXPECT_NE(text.find("20 channels of 4×4"), std::string::npos) << text;
  // 5·2·9+5, 20·5·4, 2·20, 6·20·16+6, 3·6+3
  EXPECT_EQ(network.parameter_count(), 95 + 400 + 40 + 1926 + 21);
  EXPECT_NE(text.find(std::to_string(network.parameter_count())), std::string::npos) << text;
  // Products: 64·5·2·9, 16·20·5·4, 6·20·16, 3·6; two operations each, and backward twice that but for the first layer.
  const double products[] = {5760, 6400, 1920, 18};
  EXPECT_NE(text.find("11.5 K"), std::string::npos) << text;
  EXPECT_NE(text.find(fmt::format("{:.1f} K", 2e-3 * (5760 + 6400 + 1920 + 18))), std::string::npos) << text;
  const double training = 6.0 * (products[1] + products[2] + products[3]) + 4.0 * products[0];
  EXPECT_NE(text.find(fmt::format("{:.1f} KFLOP", training / 1e3)), std::string::npos) << text;
}

TEST(Network, WritesTheGradientsOfItsParametersWhereItIsTold) {
  Network network(describe(mixed, mixed_input), 2);
  network.initialise(4);
  const auto input = normal_values(static_cast<std::size_t>(2 * mixed_input.values()), 3);
  const auto output_gradient = normal_values(static_cast<std::size_t>(2 * network.outputs()), 5);
  const std::vector<std::uint64_t> keys{8, 9};
  const auto pass = [&](std::span<float> place) {
    network.forward(input, {Mode::training, 1, 0, keys});
    network.backward(output_gradient, {}, Wanted::parameter_gradients, place);
  };
  pass({});
  const std::size_t size = network.parameters().size();
  const std::vector<float> expected(network.gradients().begin(),
                                    network.gradients().begin() + static_cast<std::ptrdiff_t>(size));
  std::vector<float> memory(size + 16);
  const auto offset = (64 - reinterpret_cast<std::uintptr_t>(memory.data()) % 64) % 64 / sizeof(float);
  const std::span place(memory.data() + offset, size);
  std::fill(network.gradients().begin(), network.gradients().end(), -7.0F);
  pass(place);
  EXPECT_TRUE(std::equal(place.begin(), place.end(), expected.begin()));
  EXPECT_EQ(network.gradients().front(), -7.0F);
  pass({});
  EXPECT_EQ(network.gradients().front(), expected.front());
  EXPECT_THROW(pass(place.first(size - 1)), Error);
}

TEST(Network, SummarySaysWhatALayerReadsWhereThatIsNotTheOneBefore) {
  const Network network(
      describe("  - relu: {name: a}\n  - sigmoid:\n  - add: {from: [a, previous, input]}\n", {3, {4, 4}}), 2);
  const std::string text = network.summary();
  EXPECT_NE(text.find("relu_0, sigmoid_1, input"), std::string::npos) << text;
  EXPECT_NE(text.find("relu_0 'a'"), std::string::npos) << text;
}

/// Terabytes, in every part: weights, activations, masks of dropout and pooling, weights as kernels read them.
const char* const huge_layers =
    "  - convolution: {channels: 64, kernel: 3, padding: 1, padding_mode: circular}\n  - max_pooling: {kernel: 2}\n"
    "  - dropout: {probability: 0.5}\n  - flatten:\n  - dense: {values: 1000}\n  - dense: {values: 1}\n";

TEST(Network, ThatDoesNotFitHasATableAllTheSame) {
  const auto description = describe(huge_layers, {1, {4096, 4096}});
  const std::string text = Network::summary_of(description, 1024);
  EXPECT_NE(text.find("64 channels of 4096×4096"), std::string::npos) << text;
  EXPECT_NE(text.find("TiB in all for micro-batches of 1024"), std::string::npos) << text;
  EXPECT_NE(text.find("It does not fit here: "), std::string::npos) << text;
  EXPECT_GT(Network::memory_of(description, 1024), std::size_t{4} << 40U);
}

TEST(Network, ThatDoesNotFitIsRefusedBeforeItTakesMemory) {
  try {
    const Network network(describe(huge_layers, {1, {4096, 4096}}), 1024);
    FAIL() << "it was made";
  } catch (const OutOfMemory& problem) {
    const std::string said = problem.what();
    EXPECT_NE(said.find("for micro-batches of 1024, takes"), std::string::npos) << said;
    EXPECT_NE(said.find("smaller micro-batch"), std::string::npos) << said;
  }
}

TEST(Network, RefusesABatchWhoseValuesCannotBeCounted) {
  const auto description = describe(huge_layers, {1, {4096, 4096}});
  EXPECT_THROW((void)Network::summary_of(description, std::int64_t{1} << 40U), Error);
}

TEST(Network, PlannedTakesAsMuchAsOneThatIsMade) {
  const auto description = describe(mixed, mixed_input);
  EXPECT_EQ(Network::memory_of(description, 4), Network(description, 4).memory());
  EXPECT_EQ(Network::summary_of(description, 4), Network(description, 4).summary());
}

TEST(Network, MemoryGrowsWithTheMicroBatchByLessThanItsActivationsAndGradients) {
  const auto memory = [](std::int64_t batch) { return Network(describe(mixed, mixed_input), batch).memory(); };
  EXPECT_GT(memory(16), memory(8));
  // Values and gradients of every tensor in floats, channels in whole blocks of 16.
  const std::size_t per_sample = 2 * 4 * (16 * 100 + 2 * 16 * 100 + 3 * 32 * 36 + 5 * 16 * 4);
  EXPECT_LT(memory(16) - memory(8), 8 * per_sample);
}

TEST(OneDnnVersion, NamesAVersion) {
  EXPECT_GE(std::stoi(onednn_version()), 2);
}

/// Parameters that the layers of the o3 network have by its definition (input of 1 channel).
std::int64_t o3_count(std::int64_t size, std::int64_t hidden) {
  std::int64_t count = 0;
  std::int64_t input = 1;
  std::int64_t channels = 2 * hidden;
  for (std::int64_t extent = size; extent > 4; extent /= 2, channels *= 2) {
    const bool first = extent == size;
    count += 9 * input * channels + (first ? channels : 2 * channels);
    count += 9 * channels * channels + 2 * channels;
    count += 4 * channels * channels + 2 * channels;
    input = channels;
  }
  count += 16 * input * 128 * hidden + 2 * 128 * hidden;
  return count + 128 * hidden * 64 * hidden + 64 * hidden + 64 * hidden + 1;
}

TEST(PresetO3, HasTheParametersOfItsDefinition) {
  for (const std::int64_t size : {32, 64, 128, 256}) {
    const Network network(preset("o3", size), 1);
    EXPECT_EQ(network.parameter_count(), o3_count(size, 8)) << size;
    EXPECT_EQ(network.outputs(), 1);
  }
}

TEST(PresetO3, HasThePublishedSizesAt256) {
  const double expected[] = {3.8e6, 8.5e6, 15.0e6};
  for (int i = 0; i < 3; ++i) {
    const Network network(preset("o3", 256, {{"hidden", 4.0 + 2.0 * i}}), 1);
    EXPECT_NEAR(static_cast<double>(network.parameter_count()), expected[i], 0.05e6);
  }
}

TEST(PresetO3, TrainsOnAnyMicroBatch) {
  for (const std::int64_t batch : {1, 2, 4}) {
    const auto parameters = train(preset("o3", 32, {{"hidden", 2.0}}), batch, 2);
    EXPECT_TRUE(std::all_of(parameters.begin(), parameters.end(), [](float p) { return std::isfinite(p); })) << batch;
  }
}

/// White noise, or the same smoothed by a periodic cross whose weight is small: another power spectrum.
std::vector<float> texture(bool smooth, std::uint64_t seed) {
  constexpr std::size_t n = 16;
  const auto noise = normal_values(n * n, seed);
  std::vector<float> field(n * n);
  for (std::size_t y = 0; y < n; ++y) {
    for (std::size_t x = 0; x < n; ++x) {
      const float around = noise[(y + 1) % n * n + x] + noise[(y + n - 1) % n * n + x] + noise[y * n + (x + 1) % n] +
                           noise[y * n + (x + n - 1) % n];
      const float weight = smooth ? 0.12F : 0.0F;
      field[y * n + x] = (noise[y * n + x] + weight * around) / std::sqrt(1.0F + 4.0F * weight * weight);
    }
  }
  return field;
}

TEST(PresetSmall, LearnsToTellTwoPowerSpectraOfEqualVariance) {
  constexpr std::size_t batch = 32;
  constexpr std::size_t points = 256;
  Network network(preset("small", 16), batch);
  network.initialise(1);
  OptimizerSettings settings;
  settings.learning_rate = 3e-3;
  const auto optimizer = Optimizer::make(settings, network.parameters().size());
  const auto loss = Loss::make({});
  std::vector<float> input(batch * points);
  std::vector<float> targets(batch);
  std::vector<float> gradient(batch);
  const std::vector<std::uint64_t> keys(batch, 0);
  std::uint64_t seed = 0;
  const auto draw = [&] {
    for (std::size_t i = 0; i < batch; ++i) {
      targets[i] = static_cast<float>(i % 2);
      const auto field = texture(i % 2 == 1, seed++);
      std::copy(field.begin(), field.end(), input.begin() + static_cast<std::ptrdiff_t>(i * points));
    }
  };
  for (std::uint64_t step = 0; step < 80; ++step) {
    draw();
    const auto logits = network.forward(input, {Mode::training, 0, step, keys});
    loss->evaluate(logits, targets, batch, gradient);
    network.backward(gradient);
    optimizer->step(network.parameters(), network.gradients());
  }
  // The statistics of many batches at the final weights.
  std::vector<float> statistics(network.statistics_size(), 0.0F);
  constexpr int measured = 20;
  for (int round = 0; round < measured; ++round) {
    draw();
    network.forward(input, {Mode::training, 0, 0, keys});
    for (std::size_t i = 0; i < statistics.size(); ++i) statistics[i] += network.batch_statistics()[i] / measured;
  }
  std::copy(statistics.begin(), statistics.end(), network.running_statistics().begin());
  int right = 0;
  constexpr int rounds = 4;
  for (int round = 0; round < rounds; ++round) {
    draw();
    const auto logits = network.forward(input, {});
    for (std::size_t i = 0; i < batch; ++i) right += (logits[i] > 0.0F) == (targets[i] > 0.5F) ? 1 : 0;
  }
  EXPECT_GT(static_cast<double>(right) / static_cast<double>(rounds * batch), 0.9);
}

}  // namespace
}  // namespace phiscope::neural::test
