#include "phiscope/study/study_plan.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "../io/shared_folder.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::write_bytes;

/// A study file in a folder of its own.
StudyRequest request_of(const std::filesystem::path& folder, const std::string& text) {
  const auto world = Communicator::world();
  if (world.is_root()) write_bytes(folder / "my.yaml", text);
  world.barrier();
  return {.file = folder / "my.yaml", .output = folder / "run", .quiet = true};
}

TEST(StudyPlan, OfSimulationsIsOpenedAndWritesNothing) {
  const test::SharedFolder shared;
  const StudyPlan plan(Communicator::world(), request_of(shared.path(), "stages: [measure]\nsimulations: {root: " +
                                                                            test::real_pairs().string() +
                                                                            ", seeds: 0-2, redshifts: [10, 1]}\n"));
  EXPECT_EQ(plan.catalogue().entries().size(), 12U);
  EXPECT_EQ(plan.data(), nullptr);
  EXPECT_TRUE(contains(plan.fingerprint(Affects::spectra), "box_size: 2560\ngrid_size: 32\n"));
  EXPECT_FALSE(std::filesystem::exists(shared.path() / "run"));
}

TEST(StudyPlan, OfDataIsOpenedWithoutSimulationsAndWritesNothing) {
  const test::SharedFolder shared;
  const auto world = Communicator::world();
  if (world.is_root()) write_bytes(shared.path() / "t.csv", "x,y\n1,2\n2,3\n3,5\n4,8\n5,13\n6,21\n");
  world.barrier();
  const StudyPlan plan(world, request_of(shared.path(),
                                         "stages: [train]\ndata: {kind: table, table: t.csv, columns: [x]}\n"
                                         "task: {kind: regression, targets: [y]}\nnetwork: {file: mlp.yaml}\n"
                                         "dataset: {split: {fractions: [0.5, 0.25, 0.25]}}\n"));
  ASSERT_NE(plan.data(), nullptr);
  EXPECT_EQ(plan.data()->items->groups.size(), 6U);
  EXPECT_EQ(plan.data()->parts.train.size(), 3U);
  EXPECT_TRUE(contains(plan.fingerprint(Affects::normalisation), "data: table\nfile t.csv: 30 bytes, mark "));
  EXPECT_FALSE(std::filesystem::exists(shared.path() / "run"));
}

}  // namespace
}  // namespace phiscope
