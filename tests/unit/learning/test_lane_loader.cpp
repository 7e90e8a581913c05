#include <gtest/gtest.h>

#include <set>
#include <vector>

#include "phiscope/base/random.hpp"
#include "phiscope/learning/lane_loader.hpp"
#include "phiscope/learning/slice_cut.hpp"
#include "phiscope/learning/slice_symmetry.hpp"
#include "phiscope/parallel/communicator.hpp"
#include "real_pairs.hpp"

namespace phiscope {
namespace {

constexpr std::int64_t n = 32;
constexpr std::int64_t micro_batch = 24;
constexpr std::uint64_t training_seed = 7;
constexpr std::int64_t epoch = 3;

/// Lane 1 of two lanes over three pairs, with all that its loader refers to.
class Lane {
 public:
  explicit Lane(DatasetSettings settings, std::vector<RunPair> run_pairs = make_pairs({0, 1, 2}, false))
      : catalogue(testing_data::real_pairs(6)),
        background({}),
        dataset(std::move(settings)),
        pairs(std::move(run_pairs)),
        transform(catalogue, background, dataset),
        store(transform, 1.0),
        normalisation(
            measure_normalisation(Communicator::self(), store,
                                  std::vector<LabelledRun>{{0, Gravity::newton, false}, {1, Gravity::newton, false}})),
        order({.seed = training_seed,
               .lanes = 2,
               .micro_batch = micro_batch,
               .shuffle_cubes = 2,
               .matched = dataset.matched},
              static_cast<std::int64_t>(pairs.size()), n),
        samples(order.lane_samples(epoch, 1)) {}

  LaneLoader loader() { return {store, normalisation, pairs, dataset, training_seed, epoch, micro_batch, samples}; }

  const LabelledRun& run_of(const SliceSample& sample) const {
    const auto& pair = pairs[static_cast<std::size_t>(sample.pair)];
    return sample.is_gr ? pair.gr : pair.newton;
  }
  std::size_t slice_size() const { return static_cast<std::size_t>(transform.channels() * n * n); }

  /// The normalised slice of a sample, as it lies in its cube.
  std::vector<float> plain_slice(const SliceSample& sample) {
    std::vector<float> slice(slice_size());
    const auto& run = run_of(sample);
    cut_slice(*store.get(run.seed, run.gravity), transform.channels(), n, sample.axis, sample.index,
              transform.vector_channels(), slice);
    normalisation.apply(slice);
    return slice;
  }

  Catalogue catalogue;
  Background background;
  DatasetSettings dataset;
  std::vector<RunPair> pairs;
  CubeTransform transform;
  CubeStore store;
  Normalisation normalisation;
  SliceOrder order;
  std::vector<SliceSample> samples;
};

std::vector<float> sample_of(const MicroBatch& batch, std::size_t i, std::size_t size) {
  const auto first = batch.input.begin() + static_cast<std::ptrdiff_t>(i * size);
  return {first, first + static_cast<std::ptrdiff_t>(size)};
}

DatasetSettings plain(Transform transform) {
  auto settings = testing_data::dataset(transform);
  settings.flips_and_turns = settings.rolls = false;
  return settings;
}

/// Any of the eight flips and turns and n² rolls that moves one slice to the other; none when there is no such.
std::vector<SliceSymmetry> symmetries_between(const std::vector<float>& from, const std::vector<float>& to) {
  std::vector<SliceSymmetry> found;
  std::vector<float> moved(from.size());
  for (int which = 0; which < 8; ++which)
    for (std::int64_t place = 0; place < n * n; ++place) {
      const SliceSymmetry symmetry{(which & 1) != 0, (which & 2) != 0, (which & 4) != 0, place / n, place % n};
      apply(symmetry, n, 1, false, from, moved);
      if (moved == to) found.push_back(symmetry);
    }
  return found;
}

TEST(SliceKey, IsUniqueAmongAllSlicesOfAllRuns) {
  std::set<std::uint64_t> keys;
  for (std::uint64_t seed = 0; seed < 3; ++seed)
    for (const bool is_gr : {false, true})
      for (std::int64_t axis = 0; axis < 3; ++axis)
        for (std::int64_t index = 0; index < n; ++index)
          keys.insert(slice_key({seed, is_gr ? Gravity::gr : Gravity::newton, is_gr}, n, axis, index));
  EXPECT_EQ(keys.size(), 3U * 2 * 3 * n);
}

TEST(LaneLoader, WithoutAugmentationGivesThePlainNormalisedSlices) {
  for (const Transform transform : {Transform::phi, Transform::gradient}) {
    Lane lane(plain(transform));
    auto loader = lane.loader();
    MicroBatch batch;
    for (std::int64_t step = 0; step < 2; ++step) {
      loader.load(step, batch);
      ASSERT_EQ(batch.input.size(), micro_batch * lane.slice_size());
      for (std::size_t i = 0; i < micro_batch; ++i)
        EXPECT_EQ(sample_of(batch, i, lane.slice_size()),
                  lane.plain_slice(lane.samples[static_cast<std::size_t>(step * micro_batch) + i]))
            << "step " << step << ", sample " << i;
    }
  }
}

TEST(LaneLoader, LabelsAndKeysAreThoseOfTheSamples) {
  auto settings = testing_data::dataset(Transform::phi);
  settings.matched = false;
  Lane lane(settings);
  auto loader = lane.loader();
  MicroBatch batch;
  std::set<std::uint64_t> keys;
  for (std::int64_t step = 0; step < lane.order.steps(); ++step) {
    loader.load(step, batch);
    ASSERT_EQ(batch.target.size(), static_cast<std::size_t>(micro_batch));
    ASSERT_EQ(batch.keys.size(), static_cast<std::size_t>(micro_batch));
    for (std::size_t i = 0; i < micro_batch; ++i) {
      const auto& sample = lane.samples[static_cast<std::size_t>(step * micro_batch) + i];
      EXPECT_EQ(batch.target[i], sample.is_gr ? 1.0F : 0.0F);
      EXPECT_EQ(batch.keys[i], slice_key(lane.run_of(sample), n, sample.axis, sample.index));
      keys.insert(batch.keys[i]);
    }
  }
  EXPECT_EQ(keys.size(), lane.samples.size());
}

TEST(LaneLoader, TheDrawnSymmetryMovesTheSliceAndNothingElse) {
  Lane lane(testing_data::dataset(Transform::phi));
  auto loader = lane.loader();
  MicroBatch batch;
  loader.load(0, batch);
  int moved = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto slice = lane.plain_slice(lane.samples[i]);
    const auto found = symmetries_between(slice, sample_of(batch, i, lane.slice_size()));
    EXPECT_EQ(found.size(), 1U) << "sample " << i;
    moved += slice == sample_of(batch, i, lane.slice_size()) ? 0 : 1;
  }
  EXPECT_GT(moved, 0);
}

TEST(LaneLoader, MatchedRunsOfAPairGetTheSameSliceAndTheSameSymmetry) {
  Lane lane(testing_data::dataset(Transform::phi));
  auto loader = lane.loader();
  MicroBatch batch;
  loader.load(1, batch);
  for (std::size_t i = 0; i < 4; i += 2) {
    const auto& newton = lane.samples[static_cast<std::size_t>(micro_batch) + i];
    const auto& gr = lane.samples[static_cast<std::size_t>(micro_batch) + i + 1];
    EXPECT_EQ(batch.target[i], 0.0F);
    EXPECT_EQ(batch.target[i + 1], 1.0F);
    const auto found = symmetries_between(lane.plain_slice(newton), sample_of(batch, i, lane.slice_size()));
    ASSERT_EQ(found.size(), 1U);
    // The GR run's slice at the same place, moved by what was found for the Newtonian one.
    auto same_place = newton;
    same_place.is_gr = true;
    EXPECT_EQ(gr, same_place);
    std::vector<float> expected(lane.slice_size());
    apply(found[0], n, 1, false, lane.plain_slice(same_place), expected);
    EXPECT_EQ(sample_of(batch, i + 1, lane.slice_size()), expected);
  }
}

TEST(LaneLoader, StartingInTheMiddleOfAnEpochGivesTheSameBatches) {
  for (const bool matched : {true, false}) {
    auto settings = testing_data::dataset(Transform::phi);
    settings.matched = matched;
    Lane lane(settings);
    ASSERT_GT(lane.order.steps(), 4);
    std::vector<MicroBatch> in_order(static_cast<std::size_t>(lane.order.steps()));
    auto loader = lane.loader();
    for (std::int64_t step = 0; step < lane.order.steps(); ++step)
      loader.load(step, in_order[static_cast<std::size_t>(step)]);
    auto resumed = lane.loader();
    MicroBatch batch;
    for (std::int64_t step = lane.order.steps() / 2 + 1; step < lane.order.steps(); ++step) {
      resumed.load(step, batch);
      const auto& expected = in_order[static_cast<std::size_t>(step)];
      EXPECT_EQ(batch.input, expected.input) << "step " << step;
      EXPECT_EQ(batch.target, expected.target) << "step " << step;
      EXPECT_EQ(batch.keys, expected.keys) << "step " << step;
    }
  }
}

TEST(LaneLoader, AnotherEpochMovesTheSlicesAnotherWay) {
  Lane lane(testing_data::dataset(Transform::phi));
  auto loader = lane.loader();
  LaneLoader later(lane.store, lane.normalisation, lane.pairs, lane.dataset, training_seed, epoch + 1, micro_batch,
                   lane.samples);
  MicroBatch batch, batch_later;
  loader.load(0, batch);
  later.load(0, batch_later);
  EXPECT_EQ(batch.keys, batch_later.keys);
  EXPECT_NE(batch.input, batch_later.input);
}

TEST(LaneLoader, InANullTestTheLabelsFollowTheClassNotTheGravity) {
  Lane lane(plain(Transform::phi), make_pairs({0, 1, 2, 3, 4, 5}, true));
  auto loader = lane.loader();
  MicroBatch batch;
  loader.load(0, batch);
  const CubeTransform reference(lane.catalogue, lane.background, lane.dataset);
  for (std::size_t i = 0; i < micro_batch; ++i) {
    const auto& sample = lane.samples[i];
    EXPECT_EQ(batch.target[i], sample.is_gr ? 1.0F : 0.0F);
    // Pair p is the Newtonian runs of seeds 2p and 2p + 1, the second of which stands for gr.
    const auto seed = static_cast<std::uint64_t>(2 * sample.pair + (sample.is_gr ? 1 : 0));
    std::vector<float> expected(lane.slice_size());
    cut_slice(reference.make(seed, Gravity::newton), 1, n, sample.axis, sample.index, false, expected);
    lane.normalisation.apply(expected);
    EXPECT_EQ(sample_of(batch, i, lane.slice_size()), expected) << "sample " << i;
  }
}

}  // namespace
}  // namespace phiscope
