// Samples per second of training on random input: every rank takes its lanes, forward and backward, the gradients are
// summed over all lanes, the optimiser takes a step. One line of JSON on the first rank; with --layers a table of the
// layers' times before it. Threads: OMP_NUM_THREADS.
#include <mpi.h>
#include <omp.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/random.hpp"
#include "phiscope/learning/lane_sum.hpp"
#include "phiscope/neural/loss.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/neural/network_description.hpp"
#include "phiscope/neural/optimizer.hpp"
#include "phiscope/parallel/communicator.hpp"

using namespace phiscope;

namespace {

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// Of all threads of this rank. On a machine with other work it is the better measure of one thread's speed.
double processor_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

neural::SampleShape read_shape(const std::string& text) {
  std::vector<std::int64_t> numbers;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('x', begin), text.size());
    numbers.push_back(std::stoll(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return {numbers.front(), {numbers.begin() + 1, numbers.end()}};
}

bool is_convolution(const std::string& path) {
  return path.find("convolution") != std::string::npos;
}

struct Options {
  std::string network = "config/networks/o3.yaml";
  std::string input = "1x256x256";
  std::int64_t batch = 64;
  int lanes = 8;
  int rounds = 5;
  bool layers = false;
  neural::Precision precision = neural::Precision::float32;
  std::vector<std::string> settings;
};

int run(const Options& options) {
  const Communicator ranks = Communicator::world();
  std::map<std::string, double> parameters;
  for (const auto& setting : options.settings) {
    const auto sign = setting.find('=');
    parameters[setting.substr(0, sign)] = std::stod(setting.substr(sign + 1));
  }
  std::ifstream stream(options.network);
  if (!stream) fail("{}: cannot be read", options.network);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  const auto description =
      neural::NetworkDescription::parse(text, options.network, parameters, read_shape(options.input));
  const std::int64_t samples = options.batch / options.lanes;
  neural::Network network(description, samples, options.precision);
  network.initialise(1);
  const std::size_t size = network.gradients().size() - network.statistics_size();
  const auto optimizer = neural::Optimizer::make({}, size, network.parameter_spans());
  LaneSum sum(ranks, options.lanes, size);

  RandomStream random(RandomPurpose::gaussian_field, 1, static_cast<std::uint64_t>(ranks.rank()));
  std::vector<float> input(static_cast<std::size_t>(samples * description.input.values()));
  for (auto& value : input) value = static_cast<float>(random.normal());
  std::vector<float> target(static_cast<std::size_t>(samples * network.outputs()));
  for (std::size_t i = 0; i < target.size(); ++i) target[i] = static_cast<float>(i % 2);
  std::vector<float> gradient(target.size());
  const std::vector<std::uint64_t> keys(static_cast<std::size_t>(samples), 7);
  neural::LossSettings loss_settings;
  if (network.outputs() > 1) loss_settings.name = "mean_squared_error";
  const auto loss = neural::Loss::make(loss_settings);

  double reducing = 0.0;
  double stepping = 0.0;
  const auto step = [&] {
    sum.begin();
    for (int lane = 0; lane < sum.lane_count(); ++lane) {
      const auto outputs =
          network.forward(input, {.mode = neural::Mode::training, .seed = 1, .step = 0, .sample_keys = keys});
      loss->evaluate(outputs, target, samples, gradient);
      const auto place = sum.place_for_next_lane();
      network.backward(gradient, {}, neural::Wanted::parameter_gradients, place);
      const double start = wall_seconds();
      sum.add(place.empty() ? network.gradients().first(size) : place);
      reducing += wall_seconds() - start;
    }
    double start = wall_seconds();
    const auto total = sum.finish();
    reducing += wall_seconds() - start;
    start = wall_seconds();
    optimizer->step(network.parameters(), total, 1.0 / static_cast<double>(options.batch));
    stepping += wall_seconds() - start;
  };

  step();  // touches all memory
  network.measure_times();
  reducing = stepping = 0.0;
  std::vector<double> rates;
  std::vector<double> processor_rates;
  double total = 0.0;
  for (int round = 0; round < options.rounds; ++round) {
    ranks.barrier();
    const double start = wall_seconds();
    const double processor_start = processor_seconds();
    step();
    ranks.barrier();
    const double seconds = wall_seconds() - start;
    total += seconds;
    rates.push_back(static_cast<double>(options.batch) / seconds);
    processor_rates.push_back(static_cast<double>(options.batch) / (processor_seconds() - processor_start));
  }
  if (!ranks.is_root()) return 0;

  double in_convolutions = 0.0;
  for (const auto& layer : network.times()) {
    if (is_convolution(layer.path)) in_convolutions += layer.forward + layer.backward;
  }
  if (options.layers) {
    std::printf("%-32s %12s %12s   ms per step on the first rank\n", "layer", "forward", "backward");
    const double scale = 1e3 / options.rounds;
    for (const auto& layer : network.times()) {
      std::printf("%-32s %12.2f %12.2f\n", layer.path.c_str(), scale * layer.forward, scale * layer.backward);
    }
    std::printf("%-32s %12.2f\n%-32s %12.2f\n%-32s %12.2f\n", "sum over lanes", scale * reducing, "optimiser",
                scale * stepping, "all", scale * total);
  }
  std::sort(rates.begin(), rates.end());
  std::sort(processor_rates.begin(), processor_rates.end());
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const nlohmann::ordered_json line{
      {"network", options.network},
      {"input", options.input},
      {"batch", options.batch},
      {"lanes", options.lanes},
      {"precision", options.precision == neural::Precision::bfloat16 ? "bfloat16" : "float32"},
      {"ranks", ranks.size()},
      {"threads", omp_get_max_threads()},
      {"images_per_second", rates[rates.size() / 2]},
      {"minimum", rates.front()},
      {"maximum", rates.back()},
      {"images_per_processor_second", processor_rates[processor_rates.size() / 2] / ranks.size()},
      {"peak_mib", usage.ru_maxrss / 1024},
      {"planned_mib", network.memory() / 1048576},
      {"convolution_share", in_convolutions / total}};
  std::printf("%s\n", line.dump().c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app{"Training throughput on random input"};
  app.add_option("--network", options.network, "network file")->capture_default_str();
  app.add_option("--input", options.input, "channels x extents")->capture_default_str();
  app.add_option("--batch", options.batch, "samples of one step")->capture_default_str();
  app.add_option("--lanes", options.lanes, "lanes of one step")->capture_default_str();
  app.add_option("--rounds", options.rounds, "steps that are timed")->capture_default_str();
  app.add_option("--set", options.settings, "a parameter of the network, NAME=VALUE");
  app.add_option("--precision", options.precision, "of what the layers keep: float32 or bfloat16")
      ->transform(CLI::CheckedTransformer(neural::precision_names()));
  app.add_flag("--layers", options.layers, "print every layer's time");
  CLI11_PARSE(app, argc, argv);
  MPI_Init(&argc, &argv);
  int status = 1;
  try {
    status = run(options);
  } catch (const Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  MPI_Finalize();
  return status;
}
