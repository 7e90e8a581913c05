#include "phiscope/study/stage_table.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>

#include "../io/shared_folder.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/study/study.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::read_bytes;
using test::write_bytes;

TEST(StageTable, EveryStageSaysWhatItIs) {
  std::set<std::string> names;
  for (const Stage& stage : standard_stages()) {
    EXPECT_TRUE(names.insert(stage.name).second) << stage.name;
    EXPECT_FALSE(stage.summary.empty()) << stage.name;
    EXPECT_FALSE(stage.results.empty()) << stage.name;
    EXPECT_TRUE(stage.run != nullptr || !stage.is_step) << stage.name;
    // What is kept is compared with the settings before it counts as done.
    EXPECT_EQ(stage.is_done != nullptr, stage.check_kept != nullptr) << stage.name;
  }
  EXPECT_EQ(step_names(standard_stages()),
            (std::vector<std::string>{"simulate", "measure", "train", "evaluate", "explain", "repeat", "report"}));
  EXPECT_EQ(find_stage(standard_stages(), "trian"), nullptr);
}

/// A stage of a user's own: counts the cubes of the catalogue.
Stage counting_stage() {
  return {.name = "count",
          .summary = "count the cubes",
          .results = {"count.txt"},
          .is_done =
              [](const Study& study) {
                const bool is_there = std::filesystem::exists(study.directory().file("count.txt"));
                return study.world().any(study.world().is_root() && is_there);
              },
          .run =
              [](const Study& study) {
                if (study.world().is_root())
                  write_bytes(study.directory().file("count.txt"), std::to_string(study.catalogue().entries().size()));
                study.world().barrier();
              }};
}

TEST(StageTable, AnotherStageIsARow) {
  const auto world = Communicator::world();
  const test::SharedFolder shared;
  const std::filesystem::path& folder = shared.path();
  StudyRequest request{.file = folder / "my.yaml", .output = folder / "run", .quiet = true};
  request.tables.stages.push_back(counting_stage());
  const auto write_study = [&](const std::string& stage) {
    if (world.is_root())
      write_bytes(request.file, "stages: [" + stage + "]\nsimulations: {root: " + test::real_pairs().string() +
                                    ", seeds: 0-2, redshifts: [10, 1]}\n");
    world.barrier();
  };
  write_study("count");
  Study(world, request).run();
  EXPECT_EQ(read_bytes(folder / "run/count.txt"), "12");
  world.barrier();  // all have read it
  // Done before: the file is not written again.
  if (world.is_root()) write_bytes(folder / "run/count.txt", "kept");
  world.barrier();
  Study(world, request).run();
  EXPECT_EQ(read_bytes(folder / "run/count.txt"), "kept");
  world.barrier();
  write_study("cuont");
  EXPECT_TRUE(contains(error_of([&] { Study(world, request).run(); }), "count"));
}

}  // namespace
}  // namespace phiscope
