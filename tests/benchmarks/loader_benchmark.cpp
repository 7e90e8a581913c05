// Samples per second that the loader of one rank cuts, moves and normalises: slices, cubes and sub-cubes out of
// synthetic cubes that are in memory. What it costs beside training is this rate against the network's images per
// second. Threads: OMP_NUM_THREADS. Prints the median, minimum and maximum over the rounds.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/learning/lane_loader.hpp"

namespace {

using namespace phiscope;

/// Numbers without structure, made faster than normal ones.
class SyntheticCubes : public ItemSource {
 public:
  explicit SyntheticCubes(ItemShape shape) : shape_(shape) {}
  ItemShape shape() const noexcept override { return shape_; }
  std::vector<float> make(ItemId id) const override {
    const auto [seed, gravity] = run_of_id(id);
    std::vector<float> values(shape_.values());
    std::uint32_t state = static_cast<std::uint32_t>(2 * seed + (gravity == Gravity::gr ? 1 : 0)) + 1;
    for (auto& value : values) {
      state = state * 1664525U + 1013904223U;
      value = static_cast<float>(state >> 8U) * 0x1p-24F - 0.5F;
    }
    return values;
  }

 private:
  ItemShape shape_;
};

struct Options {
  std::int64_t n = 64, channels = 1, micro_batch = 8;
  int rounds = 7;
  double seconds = 0.3;  // of a round, at least
};

void measure(const Options& options, const std::string& name, SampleKind kind, bool augmented, ItemStore& store) {
  DatasetSettings dataset;
  dataset.sample = kind;
  dataset.subcube.per_cube = 64;
  dataset.flips_and_turns = dataset.rolls = augmented;
  const auto sampler = Sampler::make(dataset, store.shape());
  const auto channels = static_cast<std::size_t>(options.channels);
  const Normalisation normalisation{std::vector<double>(channels, 0.0), std::vector<double>(channels, 0.29)};
  const auto pairs = make_pairs({0, 1}, false);
  const ClassTargets targets;
  const std::int64_t micro_batch = kind == SampleKind::cube ? 2 : options.micro_batch;
  const SampleOrder order({.seed = 1, .lanes = 1, .micro_batch = micro_batch, .shuffle_items = 4, .matched = true}, 2,
                          2, sampler->per_epoch());
  MicroBatch batch;
  std::vector<double> rates;
  for (int round = 0; round <= options.rounds; ++round) {
    std::int64_t samples = 0;
    double seconds = 0;
    for (std::int64_t epoch = 0; seconds < options.seconds; ++epoch) {
      LaneLoader loader(store, normalisation, *sampler, targets, pairs, 1, epoch, micro_batch,
                        order.lane_samples(epoch, 0));
      const auto start = std::chrono::steady_clock::now();
      for (std::int64_t step = 0; step < order.steps(); ++step) loader.load(step, batch);
      seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
      samples += order.steps() * micro_batch;
    }
    if (round > 0) rates.push_back(static_cast<double>(samples) / seconds);  // the first round warms up
  }
  std::sort(rates.begin(), rates.end());
  const double rate = rates[rates.size() / 2];
  std::printf("%-10s %-9s %10.0f samples/s (min %.0f, max %.0f)  %9.1f us  %6.2f GB/s\n", name.c_str(),
              augmented ? "augmented" : "as it is", rate, rates.front(), rates.back(), 1e6 / rate,
              rate * static_cast<double>(sampler->shape().values()) * 4e-9);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Samples per second that the loader delivers.");
  app.add_option("--n", options.n, "cells along an axis of the cubes")
      ->check(CLI::Range(8, 1024))
      ->capture_default_str();
  app.add_option("--channels", options.channels, "1, or 3 for a vector field")
      ->check(CLI::IsMember({1, 3}))
      ->capture_default_str();
  app.add_option("--micro-batch", options.micro_batch, "samples at a time; two where they are whole cubes")
      ->check(CLI::Range(2, 1024))
      ->capture_default_str();
  app.add_option("--rounds", options.rounds, "repetitions of each case")
      ->check(CLI::Range(1, 100))
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const SyntheticCubes source(ItemShape::cube(options.channels, options.n, options.channels == 3));
  ItemStore store(source, 64.0);
  for (const std::uint64_t seed : {0U, 1U})
    for (const auto gravity : {Gravity::newton, Gravity::gr}) (void)store.get(id_of_run(seed, gravity));
  for (const bool augmented : {false, true}) {
    measure(options, "slices", SampleKind::slice, augmented, store);
    measure(options, "cubes", SampleKind::cube, augmented, store);
    measure(options, "sub-cubes", SampleKind::subcube, augmented, store);
  }
  return 0;
}
