#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/data/cube_transform.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/data/item_store.hpp"
#include "phiscope/parallel/communicator.hpp"
#include "real_pairs.hpp"

namespace phiscope {
namespace {

using testing_data::dataset;
using testing_data::real_pairs;

/// The first real pairs in a folder of this rank's own, so that files can be taken away.
class CopiedPairs {
 public:
  explicit CopiedPairs(std::uint64_t seeds)
      : root_(std::filesystem::temp_directory_path() /
              ("phiscope_cube_store_" + std::to_string(getpid()) + "_" + std::to_string(seeds))) {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
    for (std::uint64_t seed = 0; seed < seeds; ++seed) {
      const std::string folder = "seed000" + std::to_string(seed);
      std::filesystem::copy(testing_data::pairs_root() / folder, root_ / folder,
                            std::filesystem::copy_options::recursive);
    }
    catalogue_ = real_pairs(seeds, root_);
  }
  ~CopiedPairs() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  CopiedPairs(const CopiedPairs&) = delete;
  CopiedPairs& operator=(const CopiedPairs&) = delete;

  const Catalogue& catalogue() const { return catalogue_; }
  void take_away(std::uint64_t seed, Gravity gravity) const {
    ASSERT_TRUE(std::filesystem::remove(catalogue_.entry(seed, gravity, 1).file));
  }

 private:
  std::filesystem::path root_;
  Catalogue catalogue_;
};

/// The smallest store: it keeps two cubes that have been used.
constexpr double smallest_cache = 0.0;

TEST(ItemStore, GivesTheSameCubesHoweverLittleItKeeps) {
  const auto catalogue = real_pairs(3);
  const Background background({});
  const CubeTransform transform(catalogue, background, dataset(Transform::phi));
  // make() is for one thread at a time, and the store's reader uses `transform`.
  const CubeTransform reference(catalogue, background, dataset(Transform::phi));
  ItemStore store(transform, smallest_cache);
  for (int round = 0; round < 2; ++round)
    for (const std::uint64_t seed : {0, 1, 2}) {
      for (const std::uint64_t ahead : {0, 1, 2}) store.prefetch(id_of_run(ahead, Gravity::gr));
      EXPECT_EQ(*store.get(id_of_run(seed, Gravity::gr)), reference.make(id_of_run(seed, Gravity::gr)));
    }
}

TEST(ItemStore, TellsTheGravitiesOfASeedApart) {
  const auto catalogue = real_pairs(1);
  const Background background({});
  const CubeTransform transform(catalogue, background, dataset(Transform::phi));
  const CubeTransform reference(catalogue, background, dataset(Transform::phi));
  ItemStore store(transform, 1.0);
  EXPECT_EQ(*store.get(id_of_run(0, Gravity::gr)), reference.make(id_of_run(0, Gravity::gr)));
  EXPECT_EQ(*store.get(id_of_run(0, Gravity::newton)), reference.make(id_of_run(0, Gravity::newton)));
  EXPECT_NE(*store.get(id_of_run(0, Gravity::gr)), *store.get(id_of_run(0, Gravity::newton)));
}

TEST(ItemStore, HandsOnWhatReadingThrew) {
  const auto catalogue = real_pairs(1);
  const Background background({});
  const CubeTransform transform(catalogue, background, dataset(Transform::phi));
  ItemStore store(transform, 1.0);
  EXPECT_THROW(store.get(id_of_run(99, Gravity::gr)), Error);
  EXPECT_NO_THROW(store.get(id_of_run(0, Gravity::gr)));
}

TEST(ItemStore, APrefetchedBadCubeIsReportedWhenItIsWanted) {
  const auto catalogue = real_pairs(1);
  const Background background({});
  const CubeTransform transform(catalogue, background, dataset(Transform::phi));
  ItemStore store(transform, 1.0);
  EXPECT_NO_THROW(store.prefetch(id_of_run(99, Gravity::gr)));
  EXPECT_NO_THROW(store.get(id_of_run(0, Gravity::gr)));
  EXPECT_THROW(store.get(id_of_run(99, Gravity::gr)), Error);
}

TEST(ItemStore, WhatWasReadAheadStaysUntilItWasUsed) {
  const CopiedPairs pairs(4);
  const Background background({});
  const CubeTransform transform(pairs.catalogue(), background, dataset(Transform::phi));
  const CubeTransform reference(pairs.catalogue(), background, dataset(Transform::phi));
  const auto first = reference.make(id_of_run(0, Gravity::gr)), second = reference.make(id_of_run(0, Gravity::newton)),
             third = reference.make(id_of_run(1, Gravity::gr));
  ItemStore store(transform, smallest_cache);
  store.prefetch(id_of_run(0, Gravity::gr));
  store.prefetch(id_of_run(0, Gravity::newton));
  store.prefetch(id_of_run(1, Gravity::gr));
  // A wanted cube goes before the queue, but when it is made the reader takes the next of the queue at once. So these
  // five see the three made, and are more than the store keeps.
  store.get(id_of_run(1, Gravity::newton));
  for (const std::uint64_t seed : {2, 3})
    for (const Gravity gravity : {Gravity::gr, Gravity::newton}) store.get(id_of_run(seed, gravity));
  pairs.take_away(0, Gravity::gr);
  pairs.take_away(0, Gravity::newton);
  pairs.take_away(1, Gravity::gr);
  EXPECT_EQ(*store.get(id_of_run(0, Gravity::gr)), first);
  EXPECT_EQ(*store.get(id_of_run(0, Gravity::newton)), second);
  EXPECT_EQ(*store.get(id_of_run(1, Gravity::gr)), third);
}

TEST(ItemStore, WhatWasUsedLongestAgoMakesRoom) {
  const CopiedPairs pairs(3);
  const Background background({});
  const CubeTransform transform(pairs.catalogue(), background, dataset(Transform::phi));
  ItemStore store(transform, smallest_cache);
  for (const std::uint64_t seed : {0, 1, 0, 2}) store.get(id_of_run(seed, Gravity::gr));
  // Room is made when a cube comes in, before that one counts as used: the next one puts seed 1 out.
  store.get(id_of_run(0, Gravity::gr));
  store.get(id_of_run(2, Gravity::newton));
  for (const std::uint64_t seed : {0, 1, 2}) pairs.take_away(seed, Gravity::gr);
  EXPECT_THROW(store.get(id_of_run(1, Gravity::gr)), Error);
  EXPECT_NO_THROW(store.get(id_of_run(0, Gravity::gr)));
}

TEST(ItemStore, ACubeInUseOutlivesItsPlace) {
  const auto catalogue = real_pairs(4);
  const Background background({});
  const CubeTransform transform(catalogue, background, dataset(Transform::phi));
  const CubeTransform reference(catalogue, background, dataset(Transform::phi));
  ItemStore store(transform, smallest_cache);
  const auto held = store.get(id_of_run(0, Gravity::gr));
  for (const std::uint64_t seed : {1, 2, 3}) store.get(id_of_run(seed, Gravity::gr));
  EXPECT_EQ(*held, reference.make(id_of_run(0, Gravity::gr)));
}

}  // namespace
}  // namespace phiscope
