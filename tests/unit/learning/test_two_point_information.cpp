#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "../data/real_pairs.hpp"
#include "phiscope/data/cube_transform.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/learning/two_point_information.hpp"

namespace phiscope {
namespace {

constexpr double box_size = 2560;  // Mpc/h

/// The Newtonian run of each seed against itself.
std::vector<ItemGroup> alike(const std::vector<std::uint64_t>& seeds) {
  std::vector<ItemGroup> pairs;
  for (const auto seed : seeds)
    pairs.push_back({item_of_run(seed, Gravity::newton, 0), item_of_run(seed, Gravity::newton, 1)});
  return pairs;
}

class TwoPointInformationTest : public testing::Test {
 protected:
  TwoPointInformationTest()
      : catalogue(testing_data::real_pairs(8)),
        background({}),
        transform(catalogue, background, testing_data::dataset(Transform::growth_difference)),
        store(transform, 1.0) {}

  Catalogue catalogue;
  Background background;
  CubeTransform transform;
  ItemStore store;
  std::vector<ItemGroup> train = make_pairs({0, 1, 2, 3, 4, 5}, false);
  std::vector<ItemGroup> test = make_pairs({6, 7}, false);
};

TEST_F(TwoPointInformationTest, IdenticalClassesAreAToss) {
  const auto information = two_point_information(Communicator::world(), store, box_size, alike({0, 1, 2, 3}), test);
  EXPECT_EQ(information.cube_bound, 0.5);
  EXPECT_EQ(information.slice_bound, 0.5);
  for (const auto& cube : information.scored_cubes) EXPECT_EQ(cube.logit, 0.0) << "seed " << cube.seed;
}

TEST_F(TwoPointInformationTest, ClassesOfDifferentPowerAreTold) {
  const auto information = two_point_information(Communicator::world(), store, box_size, train, test);
  EXPECT_GT(information.cube_bound, 0.5);
  EXPECT_LT(information.cube_bound, 1.0);
  EXPECT_GT(information.slice_bound, 0.5);
  EXPECT_LT(information.slice_bound, 1.0);
  EXPECT_GT(information.cube_bound, information.slice_bound);
}

TEST_F(TwoPointInformationTest, TheBoundsDoNotDependOnWhichClassIsWhich) {
  auto swapped = train;
  for (auto& pair : swapped) std::swap(pair[0].id, pair[1].id);
  const auto information = two_point_information(Communicator::world(), store, box_size, train, test);
  const auto mirrored = two_point_information(Communicator::world(), store, box_size, swapped, test);
  EXPECT_NEAR(mirrored.cube_bound, information.cube_bound, 1e-12);
  EXPECT_NEAR(mirrored.slice_bound, information.slice_bound, 1e-12);
  ASSERT_EQ(mirrored.scored_cubes.size(), information.scored_cubes.size());
  for (std::size_t i = 0; i < mirrored.scored_cubes.size(); ++i) {
    const double logit = information.scored_cubes[i].logit;
    EXPECT_NEAR(mirrored.scored_cubes[i].logit, -logit, 1e-9 * std::abs(logit));
  }
}

TEST_F(TwoPointInformationTest, TheBoundsComeFromTheTrainingPairsAlone) {
  const auto information = two_point_information(Communicator::world(), store, box_size, train, test);
  const auto others = two_point_information(Communicator::world(), store, box_size, train, make_pairs({7}, false));
  EXPECT_NEAR(others.cube_bound, information.cube_bound, 1e-12);
  EXPECT_NEAR(others.slice_bound, information.slice_bound, 1e-12);
}

TEST_F(TwoPointInformationTest, ScoresTheTestCubesPairByPairNewtonFirst) {
  const auto information = two_point_information(Communicator::world(), store, box_size, train, test);
  ASSERT_EQ(information.scored_cubes.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(information.scored_cubes[i].seed, 6U + i / 2);
    EXPECT_EQ(information.scored_cubes[i].is_positive, i % 2 == 1);
    EXPECT_TRUE(std::isfinite(information.scored_cubes[i].logit));
  }
  // The power of a run is that of its pair's other run, a few per cent higher: gr scores above newton in each pair.
  EXPECT_GT(information.scored_cubes[1].logit, information.scored_cubes[0].logit);
  EXPECT_GT(information.scored_cubes[3].logit, information.scored_cubes[2].logit);
}

TEST_F(TwoPointInformationTest, IsTheSameOnAnyNumberOfRanks) {
  const auto shared = two_point_information(Communicator::world(), store, box_size, train, test);
  const auto alone = two_point_information(Communicator::self(), store, box_size, train, test);
  EXPECT_NEAR(shared.cube_bound, alone.cube_bound, 1e-12);
  EXPECT_NEAR(shared.slice_bound, alone.slice_bound, 1e-12);
  ASSERT_EQ(shared.scored_cubes.size(), alone.scored_cubes.size());
  for (std::size_t i = 0; i < alone.scored_cubes.size(); ++i) {
    const double logit = alone.scored_cubes[i].logit;
    EXPECT_NEAR(shared.scored_cubes[i].logit, logit, 1e-12 * std::max(1.0, std::abs(logit)));
  }
}

}  // namespace
}  // namespace phiscope
