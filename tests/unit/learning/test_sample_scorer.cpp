#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numeric>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/data/cube_transform.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/data/item_sharing.hpp"
#include "phiscope/learning/sample_scorer.hpp"
#include "tiny_training.hpp"

namespace phiscope {
namespace {

constexpr std::size_t slices = 3 * 32;
constexpr std::size_t slice_size = 32 * 32;

/// Says the sum of its slice: its order is told by the slices themselves.
const char* const sum_text = R"(
name: sum
layers:
  - flatten:
  - dense: {values: 1}
)";

const std::vector<Item> five_runs{item_of_run(2, Gravity::gr, 1), item_of_run(0, Gravity::newton, 0),
                                  item_of_run(1, Gravity::gr, 1), item_of_run(0, Gravity::gr, 1),
                                  item_of_run(2, Gravity::newton, 0)};

class SampleScorer : public testing::Test {
 protected:
  SampleScorer()
      : catalogue(testing_data::real_pairs(3)),
        background({}),
        transform(catalogue, background, testing_data::dataset(Transform::phi)),
        store(transform, 1.0),
        sampler(Sampler::make(testing_data::dataset(Transform::phi), store.shape())),
        normalisation(measure_normalisation(Communicator::self(), store, five_runs)) {}
  void TearDown() override { clear_stop_request(); }

  static neural::Network make_network(const char* text, std::int64_t batch) {
    neural::Network network(testing_data::describe(text), batch);
    network.initialise(3);
    return network;
  }

  std::vector<float> logits(const Communicator& ranks, std::int64_t batch,
                            const char* text = testing_data::network_text) {
    auto network = make_network(text, batch);
    return sample_outputs(ranks, store, normalisation, *sampler, network, five_runs);
  }

  std::vector<float> normalised_slice(const std::vector<float>& cube, std::size_t slice) const {
    std::vector<float> values(slice_size);
    cut_box(cube, store.shape(), slice_of_cube(32, static_cast<int>(slice / 32), static_cast<std::int64_t>(slice % 32)),
            normalisation, values);
    return values;
  }

  Communicator world = Communicator::world();
  Catalogue catalogue;
  Background background;
  CubeTransform transform;
  ItemStore store;
  std::unique_ptr<Sampler> sampler;
  Normalisation normalisation;
};

TEST_F(SampleScorer, LogitsAreOrderedByRunAxisAndIndex) {
  auto network = make_network(sum_text, 32);
  auto tensors = network.export_tensors();
  for (auto& tensor : tensors)
    std::fill(tensor.values.begin(), tensor.values.end(), tensor.values.size() == slice_size ? 1.0F : 0.0F);
  network.import_tensors(tensors);
  const auto scores = sample_outputs(world, store, normalisation, *sampler, network, five_runs);
  ASSERT_EQ(scores.size(), five_runs.size() * slices);
  for (std::size_t run = 0; run < five_runs.size(); ++run) {
    const auto cube = store.get(five_runs[run].id);
    for (std::size_t slice = 0; slice < slices; ++slice) {
      const auto values = normalised_slice(*cube, slice);
      const double sum = std::accumulate(values.begin(), values.end(), 0.0);
      EXPECT_NEAR(scores[run * slices + slice], sum, 1e-2) << "run " << run << ", slice " << slice;
    }
  }
}

TEST_F(SampleScorer, LogitsHaveTheSameBitsOnAnyNumberOfRanks) {
  const auto shared = logits(world, 40);
  EXPECT_EQ(shared.size(), five_runs.size() * slices);
  EXPECT_EQ(shared, logits(Communicator::self(), 40));
}

TEST_F(SampleScorer, LogitsDoNotDependOnTheNetworksBatch) {
  const auto reference = logits(world, 96);
  // 40 and 7 leave a last batch that is not full; 128 is more than a cube has.
  for (const std::int64_t batch : {1, 7, 40, 128}) {
    const auto others = logits(world, batch);
    ASSERT_EQ(others.size(), reference.size());
    for (std::size_t i = 0; i < reference.size(); ++i)
      EXPECT_NEAR(others[i], reference[i], 1e-5) << "batch " << batch << ", slice " << i;
  }
}

TEST_F(SampleScorer, LogitsOfARunDoNotDependOnTheOthers) {
  const auto all = logits(world, 40);
  auto network = make_network(testing_data::network_text, 40);
  const auto one = sample_outputs(world, store, normalisation, *sampler, network, std::vector<Item>{five_runs[3]});
  EXPECT_EQ(one, std::vector<float>(all.begin() + 3 * slices, all.begin() + 4 * slices));
}

TEST_F(SampleScorer, RunsOfOneSampleShareABatchAndKeepTheirBits) {
  auto dataset = testing_data::dataset(Transform::phi);
  dataset.sample = SampleKind::cube;
  const auto cubes = Sampler::make(dataset, store.shape());
  neural::Network network(testing_data::describe(sum_text, cubes->shape()), 2);
  network.initialise(3);
  const auto shared = sample_outputs(world, store, normalisation, *cubes, network, five_runs);
  ASSERT_EQ(shared.size(), five_runs.size());
  EXPECT_EQ(shared, sample_outputs(Communicator::self(), store, normalisation, *cubes, network, five_runs));
  neural::Network one_by_one(testing_data::describe(sum_text, cubes->shape()), 1);
  one_by_one.initialise(3);
  const auto alone = sample_outputs(world, store, normalisation, *cubes, one_by_one, five_runs);
  for (std::size_t i = 0; i < shared.size(); ++i) EXPECT_NEAR(shared[i], alone[i], 1e-4 * std::abs(alone[i]));
}

using RunSharing = SampleScorer;

TEST_F(RunSharing, CallsEachRunOnceOverAllRanksWithItsOwnCube) {
  std::vector<std::int64_t> calls(five_runs.size(), 0);
  share_items(world, store, five_runs, [&](std::size_t run, const std::vector<float>& cube) {
    ++calls[run];
    EXPECT_EQ(cube, *store.get(five_runs[run].id)) << "run " << run;
  });
  world.sum_in_place(std::span<std::int64_t>(calls));
  EXPECT_EQ(calls, std::vector<std::int64_t>(five_runs.size(), 1));
}

TEST_F(RunSharing, GroupsStayTogetherInOrder) {
  std::vector<std::size_t> mine;
  share_items(
      world, store, five_runs, [&](std::size_t run, const std::vector<float>&) { mine.push_back(run); }, 2);
  for (std::size_t i = 0; i < mine.size(); ++i) {
    EXPECT_EQ(mine[i] / 2 % static_cast<std::size_t>(world.size()), static_cast<std::size_t>(world.rank()));
    if (i > 0) {
      EXPECT_LT(mine[i - 1], mine[i]);
    }
  }
  EXPECT_EQ(world.sum(static_cast<std::int64_t>(mine.size())), 5);
}

TEST_F(RunSharing, AThrowingWorkEndsAllRanksWithItsMessage) {
  try {
    share_items(world, store, five_runs, [](std::size_t run, const std::vector<float>&) {
      if (run == 2) fail("run 2 is bad");
    });
    FAIL() << "no error";
  } catch (const AgreedError& problem) {
    EXPECT_NE(std::string(problem.what()).find("run 2 is bad"), std::string::npos) << problem.what();
  }
}

TEST_F(RunSharing, ABadCubeEndsAllRanks) {
  auto runs = five_runs;
  runs[1].id = id_of_run(99, Gravity::gr);
  EXPECT_THROW(share_items(world, store, runs, [](std::size_t, const std::vector<float>&) {}), AgreedError);
}

TEST_F(RunSharing, AStopRequestedOnOneRankEndsAll) {
  if (world.rank() == world.size() - 1) request_stop();
  EXPECT_THROW(share_items(world, store, five_runs, [](std::size_t, const std::vector<float>&) {}), StoppedOnRequest);
  clear_stop_request();
  world.barrier();
  EXPECT_NO_THROW(share_items(world, store, five_runs, [](std::size_t, const std::vector<float>&) {}));
}

TEST_F(RunSharing, AStopBetweenRunsLeavesTheRestUndone) {
  std::int64_t calls = 0;
  EXPECT_THROW(share_items(world, store, five_runs,
                           [&](std::size_t, const std::vector<float>&) {
                             ++calls;
                             request_stop();
                           }),
               StoppedOnRequest);
  EXPECT_EQ(calls, 1);
}

TEST(SameOutput, IsFoundWhereNothingDiffersBeyondRounding) {
  EXPECT_EQ(same_output(std::vector<float>{0, 0, 0}), 0.0F);
  EXPECT_EQ(same_output(std::vector<float>{2, 2.0000002F}), 2.0F);
  EXPECT_FALSE(same_output(std::vector<float>{2, 2.0001F}).has_value());
  EXPECT_FALSE(same_output(std::vector<float>{0, 1e-20F}).has_value());
  EXPECT_FALSE(same_output(std::vector<float>{-1, 1}).has_value());
  EXPECT_FALSE(same_output(std::vector<float>{3}).has_value());
  EXPECT_FALSE(same_output(std::vector<float>(2, std::numeric_limits<float>::infinity())).has_value());
}

}  // namespace
}  // namespace phiscope
