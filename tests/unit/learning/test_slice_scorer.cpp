#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/learning/run_sharing.hpp"
#include "phiscope/learning/slice_cut.hpp"
#include "phiscope/learning/slice_scorer.hpp"
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

const std::vector<LabelledRun> five_runs{{2, Gravity::gr, true},
                                         {0, Gravity::newton, false},
                                         {1, Gravity::gr, true},
                                         {0, Gravity::gr, true},
                                         {2, Gravity::newton, false}};

class SliceScorer : public testing::Test {
 protected:
  SliceScorer()
      : catalogue(testing_data::real_pairs(3)),
        background({}),
        transform(catalogue, background, testing_data::dataset(Transform::phi)),
        store(transform, 1.0),
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
    return slice_logits(ranks, store, normalisation, network, five_runs);
  }

  std::vector<float> normalised_slice(const std::vector<float>& cube, std::size_t slice) const {
    std::vector<float> values(slice_size);
    cut_slice(cube, 1, 32, static_cast<int>(slice / 32), static_cast<std::int64_t>(slice % 32), false, values);
    normalisation.apply(values);
    return values;
  }

  Communicator world = Communicator::world();
  Catalogue catalogue;
  Background background;
  CubeTransform transform;
  CubeStore store;
  Normalisation normalisation;
};

TEST_F(SliceScorer, LogitsAreOrderedByRunAxisAndIndex) {
  auto network = make_network(sum_text, 32);
  auto tensors = network.export_tensors();
  for (auto& tensor : tensors)
    std::fill(tensor.values.begin(), tensor.values.end(), tensor.values.size() == slice_size ? 1.0F : 0.0F);
  network.import_tensors(tensors);
  const auto scores = slice_logits(world, store, normalisation, network, five_runs);
  ASSERT_EQ(scores.size(), five_runs.size() * slices);
  for (std::size_t run = 0; run < five_runs.size(); ++run) {
    const auto cube = store.get(five_runs[run].seed, five_runs[run].gravity);
    for (std::size_t slice = 0; slice < slices; ++slice) {
      const auto values = normalised_slice(*cube, slice);
      const double sum = std::accumulate(values.begin(), values.end(), 0.0);
      EXPECT_NEAR(scores[run * slices + slice], sum, 1e-2) << "run " << run << ", slice " << slice;
    }
  }
}

TEST_F(SliceScorer, LogitsHaveTheSameBitsOnAnyNumberOfRanks) {
  const auto shared = logits(world, 40);
  EXPECT_EQ(shared.size(), five_runs.size() * slices);
  EXPECT_EQ(shared, logits(Communicator::self(), 40));
}

TEST_F(SliceScorer, LogitsDoNotDependOnTheNetworksBatch) {
  const auto reference = logits(world, 96);
  // 40 and 7 leave a last batch that is not full; 128 is more than a cube has.
  for (const std::int64_t batch : {1, 7, 40, 128}) {
    const auto others = logits(world, batch);
    ASSERT_EQ(others.size(), reference.size());
    for (std::size_t i = 0; i < reference.size(); ++i)
      EXPECT_NEAR(others[i], reference[i], 1e-5) << "batch " << batch << ", slice " << i;
  }
}

TEST_F(SliceScorer, LogitsOfARunDoNotDependOnTheOthers) {
  const auto all = logits(world, 40);
  auto network = make_network(testing_data::network_text, 40);
  const auto one = slice_logits(world, store, normalisation, network, std::vector<LabelledRun>{five_runs[3]});
  EXPECT_EQ(one, std::vector<float>(all.begin() + 3 * slices, all.begin() + 4 * slices));
}

TEST_F(SliceScorer, BatchesHoldEverySliceInOrderAndZerosBeyond) {
  const auto cube = store.get(0, Gravity::gr);
  for (const std::int64_t batch : {7, 40, 96, 128}) {
    std::int64_t expected_first = 0;
    for_each_slice_batch(transform, normalisation, *cube, batch, {},
                         [&](std::int64_t first, std::int64_t count, std::span<const float> values) {
                           EXPECT_EQ(first, expected_first);
                           EXPECT_EQ(count, std::min(batch, static_cast<std::int64_t>(slices) - first));
                           ASSERT_EQ(values.size(), static_cast<std::size_t>(batch) * slice_size);
                           for (std::size_t i = 0; i < static_cast<std::size_t>(batch); ++i) {
                             const auto found = values.subspan(i * slice_size, slice_size);
                             const auto slice = static_cast<std::size_t>(first) + i;
                             EXPECT_EQ(
                                 std::vector<float>(found.begin(), found.end()),
                                 slice < slices ? normalised_slice(*cube, slice) : std::vector<float>(slice_size, 0.0F))
                                 << "batch of " << batch << ", slice " << slice;
                           }
                           expected_first = first + count;
                         });
    EXPECT_EQ(expected_first, static_cast<std::int64_t>(slices));
  }
}

TEST_F(SliceScorer, SharesTogetherCoverEachBatchOnce) {
  const auto cube = store.get(0, Gravity::gr);
  constexpr std::int64_t batch = 10;
  std::vector<int> seen(slices, 0);
  for (std::int64_t which = 0; which < 3; ++which)
    for_each_slice_batch(transform, normalisation, *cube, batch, {which, 3},
                         [&](std::int64_t first, std::int64_t count, std::span<const float>) {
                           EXPECT_EQ(first / batch % 3, which);
                           for (std::int64_t i = first; i < first + count; ++i) ++seen[static_cast<std::size_t>(i)];
                         });
  EXPECT_EQ(seen, std::vector<int>(slices, 1));
}

using RunSharing = SliceScorer;

TEST_F(RunSharing, CallsEachRunOnceOverAllRanksWithItsOwnCube) {
  std::vector<std::int64_t> calls(five_runs.size(), 0);
  share_runs(world, store, five_runs, [&](std::size_t run, const std::vector<float>& cube) {
    ++calls[run];
    EXPECT_EQ(cube, *store.get(five_runs[run].seed, five_runs[run].gravity)) << "run " << run;
  });
  world.sum_in_place(std::span<std::int64_t>(calls));
  EXPECT_EQ(calls, std::vector<std::int64_t>(five_runs.size(), 1));
}

TEST_F(RunSharing, AThrowingWorkEndsAllRanksWithItsMessage) {
  try {
    share_runs(world, store, five_runs, [](std::size_t run, const std::vector<float>&) {
      if (run == 2) fail("run 2 is bad");
    });
    FAIL() << "no error";
  } catch (const AgreedError& problem) {
    EXPECT_NE(std::string(problem.what()).find("run 2 is bad"), std::string::npos) << problem.what();
  }
}

TEST_F(RunSharing, ABadCubeEndsAllRanks) {
  auto runs = five_runs;
  runs[1].seed = 99;
  EXPECT_THROW(share_runs(world, store, runs, [](std::size_t, const std::vector<float>&) {}), AgreedError);
}

TEST_F(RunSharing, AStopRequestedOnOneRankEndsAll) {
  if (world.rank() == world.size() - 1) request_stop();
  EXPECT_THROW(share_runs(world, store, five_runs, [](std::size_t, const std::vector<float>&) {}), StoppedOnRequest);
  clear_stop_request();
  world.barrier();
  EXPECT_NO_THROW(share_runs(world, store, five_runs, [](std::size_t, const std::vector<float>&) {}));
}

TEST_F(RunSharing, AStopBetweenRunsLeavesTheRestUndone) {
  std::int64_t calls = 0;
  EXPECT_THROW(share_runs(world, store, five_runs,
                          [&](std::size_t, const std::vector<float>&) {
                            ++calls;
                            request_stop();
                          }),
               StoppedOnRequest);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace phiscope
