#include <gtest/gtest.h>

#include <cmath>

#include "phiscope/base/error.hpp"
#include "phiscope/data/cube_transform.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/data/normalisation.hpp"
#include "real_pairs.hpp"

namespace phiscope {
namespace {

using testing_data::dataset;
using testing_data::real_pairs;

const std::vector<Item> runs{item_of_run(0, Gravity::newton, 0), item_of_run(0, Gravity::gr, 1),
                             item_of_run(1, Gravity::newton, 0)};

TEST(Normalisation, AppliesMeanAndDeviationPerChannel) {
  const Normalisation normalisation{{1.0, -2.0}, {2.0, 4.0}};
  std::vector<float> values{1, 3, 5, -2, 2, 6};
  normalisation.apply(values);
  EXPECT_EQ(values, (std::vector<float>{0, 1, 2, 0, 1, 2}));
}

TEST(Normalisation, BringsTheTrainingCubesToMeanZeroAndVarianceOne) {
  const auto catalogue = real_pairs(2);
  const Background background({});
  const CubeTransform transform(catalogue, background, dataset(Transform::growth_difference));
  ItemStore store(transform, 1.0);
  const auto normalisation = measure_normalisation(Communicator::world(), store, runs);
  double sum = 0, squares = 0, count = 0;
  for (const auto& run : runs) {
    std::vector<float> cube = *store.get(run.id);
    normalisation.apply(cube);
    for (const double value : cube) {
      sum += value;
      squares += value * value;
      ++count;
    }
  }
  EXPECT_NEAR(sum / count, 0.0, 1e-6);
  EXPECT_NEAR(squares / count, 1.0, 1e-5);
}

TEST(Normalisation, IsBitwiseTheSameOnAnyNumberOfRanks) {
  const auto catalogue = real_pairs(2);
  const Background background({});
  const CubeTransform transform(catalogue, background, dataset(Transform::phi));
  ItemStore store(transform, 1.0);
  const auto shared = measure_normalisation(Communicator::world(), store, runs);
  const auto alone = measure_normalisation(Communicator::self(), store, runs);
  EXPECT_EQ(shared.mean, alone.mean);
  EXPECT_EQ(shared.standard_deviation, alone.standard_deviation);
}

TEST(Normalisation, TreatsTheComponentsOfAVectorAlike) {
  const auto catalogue = real_pairs(2);
  const Background background({});
  const CubeTransform transform(catalogue, background, dataset(Transform::gradient));
  ItemStore store(transform, 1.0);
  const auto normalisation = measure_normalisation(Communicator::world(), store, runs);
  EXPECT_EQ(normalisation.mean, (std::vector<double>{0, 0, 0}));
  EXPECT_EQ(normalisation.standard_deviation[0], normalisation.standard_deviation[1]);
  EXPECT_EQ(normalisation.standard_deviation[0], normalisation.standard_deviation[2]);
}

TEST(Split, ASeedInTwoPartsIsALeak) {
  try {
    check_split({{0, 1, 2}, {3}, {2, 4}}, {0, 1, 2, 3, 4});
    FAIL() << "seed 2 is in train and in test";
  } catch (const Error& problem) {
    EXPECT_NE(std::string(problem.what()).find("seed 2 is in 'train' and in 'test'"), std::string::npos);
  }
}

TEST(Split, EmptyPartsAndUnknownSeedsAreErrors) {
  EXPECT_NO_THROW(check_split({{0}, {1}, {2}}, {0, 1, 2}));
  EXPECT_THROW(check_split({{0}, {}, {2}}, {0, 1, 2}), Error);
  EXPECT_THROW(check_split({{0}, {1}, {7}}, {0, 1, 2}), Error);
}

TEST(Pairs, EverySeedHasIdsOfItsOwn) {
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1} << 63U, ~std::uint64_t{0}})
    for (const Gravity gravity : {Gravity::newton, Gravity::gr}) {
      EXPECT_EQ(run_of_id(id_of_run(seed, gravity)).seed, seed);
      EXPECT_EQ(run_of_id(id_of_run(seed, gravity)).gravity, gravity);
    }
}

TEST(Pairs, ANullTestPairsNewtonianRunsOfDifferentSeeds) {
  const auto pairs = make_pairs({4, 5, 6, 7, 8}, true);
  ASSERT_EQ(pairs.size(), 2U);
  for (const auto& pair : pairs) {
    EXPECT_EQ(run_of_id(pair[0].id).gravity, Gravity::newton);
    EXPECT_EQ(run_of_id(pair[1].id).gravity, Gravity::newton);
    EXPECT_EQ(pair[1].member, 1);
    EXPECT_NE(pair[0].group, pair[1].group);
  }
}

}  // namespace
}  // namespace phiscope
