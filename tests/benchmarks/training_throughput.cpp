// Images per second of one rank: forward, backward and optimiser step of a network on random input.
//   training_throughput NETWORK.yaml SIZE BATCH [hidden] [rounds]
// Threads: OMP_NUM_THREADS. Prints the median, minimum and maximum over the rounds.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "phiscope/base/random.hpp"
#include "phiscope/neural/loss.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/neural/network_description.hpp"
#include "phiscope/neural/optimizer.hpp"

using namespace phiscope;

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: training_throughput NETWORK.yaml SIZE BATCH [hidden] [rounds]\n");
    return 2;
  }
  const std::string file = argv[1];
  const std::int64_t size = std::atoll(argv[2]), batch = std::atoll(argv[3]);
  std::map<std::string, double> parameters;
  if (argc > 4) parameters["hidden"] = std::atof(argv[4]);
  const int rounds = argc > 5 ? std::atoi(argv[5]) : 7;
  std::ifstream stream(file);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  neural::Network network(neural::NetworkDescription::parse(text, file, parameters, {1, {size, size}}), batch);
  network.initialise(1);
  const auto optimizer = neural::Optimizer::make({.name = "adam", .learning_rate = 1e-4}, network.parameters().size());

  RandomStream random(RandomPurpose::gaussian_field, 1);
  std::vector<float> input(static_cast<std::size_t>(batch * size * size)), target(static_cast<std::size_t>(batch));
  for (auto& value : input) value = static_cast<float>(random.normal());
  for (std::size_t i = 0; i < target.size(); ++i) target[i] = static_cast<float>(i % 2);
  std::vector<std::uint64_t> keys(target.size());
  std::vector<float> gradient(target.size());

  std::vector<double> rates;
  for (int round = 0; round <= rounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    std::int64_t images = 0;
    double seconds = 0;
    while (seconds < 1.0) {
      const auto logits =
          network.forward(input, {.mode = neural::Mode::training, .seed = 1, .step = 0, .sample_keys = keys});
      neural::binary_cross_entropy(logits, target, static_cast<double>(batch), gradient);
      network.backward(gradient);
      optimizer->step(network.parameters(), network.gradients().first(network.parameters().size()));
      images += batch;
      seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    if (round > 0) rates.push_back(static_cast<double>(images) / seconds);  // the first round warms up
  }
  std::sort(rates.begin(), rates.end());
  std::printf("%s hidden %s, 1x%lldx%lld, batch %lld: %.1f images/s (min %.1f, max %.1f, %d rounds)\n", file.c_str(),
              argc > 4 ? argv[4] : "default", static_cast<long long>(size), static_cast<long long>(size),
              static_cast<long long>(batch), rates[rates.size() / 2], rates.front(), rates.back(), rounds);
  return 0;
}
