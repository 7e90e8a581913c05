#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>

#include "../io/shared_folder.hpp"
#include "phiscope/io/pending_file.hpp"
#include "phiscope/parallel/communicator.hpp"
#include "phiscope/study/run_directory.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::read_bytes;
using test::SharedFolder;
using test::write_bytes;

TEST(RunDirectory, MakesItsFolderAndKnowsItsFiles) {
  const SharedFolder folder;
  const auto path = folder.path() / "runs/deep/study";
  const RunDirectory run(path, Communicator::world());
  EXPECT_TRUE(std::filesystem::is_directory(path / "units"));
  EXPECT_EQ(run.path(), path);
  EXPECT_EQ(run.file("statistics.h5"), path / "statistics.h5");
  EXPECT_EQ(run.unit("power_seed0001.h5"), path / "units/power_seed0001.h5");
}

TEST(RunDirectory, KeepsWhatIsThere) {
  const SharedFolder folder;
  const auto world = Communicator::world();
  if (world.is_root()) write_bytes(folder.path() / "statistics.h5", "results");
  const RunDirectory run(folder.path(), world);
  EXPECT_EQ(read_bytes(folder.path() / "statistics.h5"), "results");
}

TEST(RunDirectory, IsRefusedWhileAnotherHoldsIt) {
  const SharedFolder folder;
  const RunDirectory first(folder.path(), Communicator::world());
  const auto message = error_of([&] { const RunDirectory second(folder.path(), Communicator::world()); });
  EXPECT_TRUE(contains(message, folder.path().string() + ": another phiscope is working")) << message;
  const auto holder = Communicator::world().broadcast(fmt::format("(process {} on ", getpid()), 0);
  EXPECT_TRUE(contains(message, holder)) << message;
  // Ranks that do not know of each other are refused by the first of them.
  EXPECT_EQ(contains(message, "that mpirun is of another MPI"), Communicator::world().size() == 1) << message;
}

TEST(RunDirectory, IsFreeAgainAfterwards) {
  const SharedFolder folder;
  std::optional<RunDirectory> first(std::in_place, folder.path(), Communicator::world());
  first.reset();
  EXPECT_EQ(error_of([&] { const RunDirectory second(folder.path(), Communicator::world()); }), "");
}

TEST(RunDirectory, RefusesAPlaceThatCannotBeAFolderOnAllRanks) {
  const SharedFolder folder;
  const auto world = Communicator::world();
  if (world.is_root()) write_bytes(folder.path() / "file", "x");
  world.barrier();
  for (const auto& path : {folder.path() / "file" / "run", std::filesystem::path("/proc/phiscope_test")}) {
    const auto message = error_of([&] { const RunDirectory run(path, world); });
    EXPECT_TRUE(contains(message, path.string() + ": cannot make the run directory")) << message;
    EXPECT_TRUE(contains(message, "--output")) << message;
  }
}

TEST(RunDirectory, RemovesTemporariesThatAKilledProgramLeft) {
  const SharedFolder folder;
  const auto world = Communicator::world();
  const char* const places[] = {".", "units", "checkpoints", "figures"};
  if (world.is_root())
    for (const char* place : places) {
      std::filesystem::create_directories(folder.path() / place);
      write_bytes(PendingFile(folder.path() / place / "result.h5").temporary(), "half a result");
      write_bytes(folder.path() / place / "result.h5", "a whole result");
    }
  const RunDirectory run(folder.path(), world);
  for (const char* place : places) {
    std::size_t results = 0;
    for (const auto& item : std::filesystem::directory_iterator(folder.path() / place)) {
      EXPECT_FALSE(contains(item.path().filename().string(), "tmp")) << item.path();
      results += item.path().filename() == "result.h5" ? 1U : 0U;
    }
    EXPECT_EQ(results, 1U) << place;
  }
}

}  // namespace
}  // namespace phiscope
