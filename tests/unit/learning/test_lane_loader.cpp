#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <set>
#include <vector>

#include "../data/real_pairs.hpp"
#include "phiscope/base/random.hpp"
#include "phiscope/data/cube_transform.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/data/grid_symmetry.hpp"
#include "phiscope/learning/lane_loader.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {
namespace {

constexpr std::int64_t n = 32;
constexpr std::int64_t micro_batch = 24;
constexpr std::uint64_t training_seed = 7;
constexpr std::int64_t epoch = 3;

/// Lane 1 of two lanes over three pairs, with all that its loader refers to.
class Lane {
 public:
  explicit Lane(DatasetSettings settings, std::vector<ItemGroup> run_pairs = make_pairs({0, 1, 2}, false),
                std::int64_t samples_of_a_batch = micro_batch)
      : batch(samples_of_a_batch),
        catalogue(testing_data::real_pairs(6)),
        background({}),
        dataset(std::move(settings)),
        pairs(std::move(run_pairs)),
        transform(catalogue, background, dataset),
        store(transform, 1.0),
        sampler(Sampler::make(dataset, store.shape())),
        normalisation(measure_normalisation(
            Communicator::self(), store,
            std::vector<Item>{item_of_run(0, Gravity::newton, 0), item_of_run(1, Gravity::newton, 0)})),
        order({.seed = training_seed, .lanes = 2, .micro_batch = batch, .shuffle_items = 2, .matched = dataset.matched},
              static_cast<std::int64_t>(pairs.size()), 2, sampler->per_epoch()),
        samples(order.lane_samples(epoch, 1)) {}

  LaneLoader loader() { return {store, normalisation, *sampler, targets, pairs, training_seed, epoch, batch, samples}; }

  const Item& run_of(const Sample& sample) const {
    return pairs[static_cast<std::size_t>(sample.group)][static_cast<std::size_t>(sample.member)];
  }
  std::size_t size() const { return static_cast<std::size_t>(sampler->shape().values()); }

  /// The normalised sample as it lies in its cube, moved.
  std::vector<float> cut(const Sample& sample, const GridSymmetry& symmetry = {}) {
    std::vector<float> values(size());
    const auto& run = run_of(sample);
    cut_box(*store.get(run.id), store.shape(), symmetry.applied_to(sampler->scored_cut(sample.index)), normalisation,
            values);
    return values;
  }

  std::int64_t batch;
  Catalogue catalogue;
  Background background;
  DatasetSettings dataset;
  ClassTargets targets;
  std::vector<ItemGroup> pairs;
  CubeTransform transform;
  ItemStore store;
  std::unique_ptr<Sampler> sampler;
  Normalisation normalisation;
  SampleOrder order;
  std::vector<Sample> samples;
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

/// The turns, flips and rolls of the last two axes.
std::vector<GridSymmetry> symmetries_of_square() {
  std::vector<GridSymmetry> all;
  for (const bool transposed : {false, true})
    for (const bool rows : {false, true})
      for (const bool columns : {false, true})
        for (std::int64_t place = 0; place < n * n; ++place) {
          GridSymmetry symmetry{.reversed = {false, rows, columns}, .roll = {0, place / n, place % n}};
          if (transposed) symmetry.axes = {0, 2, 1};
          all.push_back(symmetry);
        }
  return all;
}

/// Those that move the sample as it lies to what the loader gave.
std::vector<GridSymmetry> symmetries_to(Lane& lane, const Sample& sample, const std::vector<float>& given) {
  std::vector<GridSymmetry> found;
  for (const auto& symmetry : symmetries_of_square())
    if (lane.cut(sample, symmetry) == given) found.push_back(symmetry);
  return found;
}

TEST(SampleKey, IsUniqueAmongAllSamplesOfAllRuns) {
  std::set<std::uint64_t> keys;
  for (std::uint64_t seed = 0; seed < 3; ++seed)
    for (const std::int32_t member : {0, 1})
      for (std::int64_t index = 0; index < 3 * n; ++index)
        keys.insert(sample_key(item_of_run(seed, member == 1 ? Gravity::gr : Gravity::newton, member), 3 * n, index));
  EXPECT_EQ(keys.size(), 3U * 2 * 3 * n);
}

TEST(LaneLoader, WithoutAugmentationGivesThePlainNormalisedSlices) {
  for (const Transform transform : {Transform::phi, Transform::gradient}) {
    Lane lane(plain(transform));
    auto loader = lane.loader();
    MicroBatch batch;
    for (std::int64_t step = 0; step < 2; ++step) {
      loader.load(step, batch);
      ASSERT_EQ(batch.input.size(), micro_batch * lane.size());
      for (std::size_t i = 0; i < micro_batch; ++i)
        EXPECT_EQ(sample_of(batch, i, lane.size()),
                  lane.cut(lane.samples[static_cast<std::size_t>(step * micro_batch) + i]))
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
      EXPECT_EQ(batch.target[i], static_cast<float>(sample.member));
      EXPECT_EQ(batch.keys[i], sample_key(lane.run_of(sample), 3 * n, sample.index));
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
    const auto given = sample_of(batch, i, lane.size());
    EXPECT_EQ(symmetries_to(lane, lane.samples[i], given).size(), 1U) << "sample " << i;
    moved += lane.cut(lane.samples[i]) == given ? 0 : 1;
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
    const auto found = symmetries_to(lane, newton, sample_of(batch, i, lane.size()));
    ASSERT_EQ(found.size(), 1U);
    // The GR run's slice at the same place, moved by what was found for the Newtonian one.
    auto same_place = newton;
    same_place.member = 1;
    EXPECT_EQ(gr, same_place);
    EXPECT_EQ(sample_of(batch, i + 1, lane.size()), lane.cut(same_place, found[0]));
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
  LaneLoader later(lane.store, lane.normalisation, *lane.sampler, lane.targets, lane.pairs, training_seed, epoch + 1,
                   micro_batch, lane.samples);
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
    EXPECT_EQ(batch.target[i], static_cast<float>(sample.member));
    // Pair p is the Newtonian runs of seeds 2p and 2p + 1, the second of which stands for gr.
    const auto seed = static_cast<std::uint64_t>(2 * sample.group + sample.member);
    std::vector<float> expected(lane.size());
    cut_box(reference.make(id_of_run(seed, Gravity::newton)), lane.store.shape(),
            lane.sampler->scored_cut(sample.index), lane.normalisation, expected);
    EXPECT_EQ(sample_of(batch, i, lane.size()), expected) << "sample " << i;
  }
}

TEST(LaneLoader, EveryKindStartsInTheMiddleOfAnEpochAndKeepsPairsMatched) {
  for (const SampleKind kind : {SampleKind::cube, SampleKind::subcube}) {
    auto settings = testing_data::dataset(Transform::gradient);
    settings.sample = kind;
    settings.subcube = {.size = 16, .per_cube = 6};
    Lane lane(settings, make_pairs({0, 1, 2}, false), kind == SampleKind::cube ? 2 : 6);
    ASSERT_GT(lane.order.steps(), 0);
    auto loader = lane.loader(), resumed = lane.loader();
    MicroBatch batch, again;
    for (std::int64_t step = 0; step < lane.order.steps(); ++step) loader.load(step, batch);
    resumed.load(lane.order.steps() - 1, again);
    EXPECT_EQ(batch.input, again.input);
    EXPECT_EQ(batch.keys, again.keys);
    // Equal phases at equal places: what the two gravities differ by is small beside either.
    const auto newton = sample_of(batch, 0, lane.size()), gr = sample_of(batch, 1, lane.size());
    double difference = 0, square = 0;
    for (std::size_t i = 0; i < newton.size(); ++i) {
      difference += std::pow(static_cast<double>(gr[i]) - newton[i], 2);
      square += std::pow(static_cast<double>(newton[i]), 2);
    }
    EXPECT_GT(difference, 0.0);
    EXPECT_LT(difference, 0.01 * square);
  }
}

}  // namespace
}  // namespace phiscope
