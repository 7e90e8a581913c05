#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/parallel/teams.hpp"

namespace phiscope {
namespace {

std::vector<int> team_sizes() {
  const int ranks = Communicator::world().size();
  std::vector<int> sizes;
  for (int size = 1; size <= ranks; ++size)
    if (ranks % size == 0) sizes.push_back(size);
  return sizes;
}

TEST(Teams, HaveTheSizeThatWasAskedFor) {
  const auto world = Communicator::world();
  for (const int size : team_sizes()) {
    const Teams teams(world, size);
    EXPECT_EQ(teams.team().size(), size);
    EXPECT_EQ(teams.count(), world.size() / size);
  }
}

TEST(Teams, AreNeighbouringRanks) {
  const auto world = Communicator::world();
  for (const int size : team_sizes()) {
    const Teams teams(world, size);
    const std::vector<std::int32_t> mine{world.rank()};
    const auto members = teams.team().gather_all(std::span<const std::int32_t>(mine));
    for (int i = 0; i < size; ++i) EXPECT_EQ(members[static_cast<std::size_t>(i)], teams.index() * size + i);
  }
}

TEST(Teams, DoEachUnitOfWorkOnce) {
  const auto world = Communicator::world();
  for (const int size : team_sizes()) {
    const Teams teams(world, size);
    for (const std::int64_t units : {0, 1, 2, 5, 12}) {
      std::vector<std::int64_t> mine;
      for (std::int64_t round = 0; round < teams.rounds(units); ++round) {
        const std::int64_t unit = teams.unit(round, units);
        if (unit >= 0 && teams.team().is_root()) mine.push_back(unit);
      }
      auto all = world.gather_all(std::span<const std::int64_t>(mine));
      std::sort(all.begin(), all.end());
      std::vector<std::int64_t> expected;
      for (std::int64_t unit = 0; unit < units; ++unit) expected.push_back(unit);
      EXPECT_EQ(all, expected) << units << " units, " << size << " ranks per team";
    }
  }
}

TEST(Teams, ShareAUnitAmongAllTheirRanks) {
  for (const int size : team_sizes()) {
    const Teams teams(Communicator::world(), size);
    for (std::int64_t round = 0; round < teams.rounds(7); ++round) {
      const std::int64_t unit = teams.unit(round, 7);
      EXPECT_EQ(teams.team().minimum(unit), teams.team().maximum(unit));
    }
  }
}

TEST(Teams, NeedAsManyRoundsAsTheBusiestTeamHasUnits) {
  const Teams teams(Communicator::world(), 1);
  EXPECT_EQ(teams.rounds(0), 0);
  EXPECT_EQ(teams.rounds(teams.count()), 1);
  EXPECT_EQ(teams.rounds(teams.count() + 1), 2);
}

TEST(Teams, RefuseASizeThatDoesNotDivideTheRanks) {
  const auto world = Communicator::world();
  for (int size = -1; size <= world.size() + 1; ++size) {
    const auto divisors = team_sizes();
    if (std::find(divisors.begin(), divisors.end(), size) != divisors.end()) continue;
    EXPECT_THROW(Teams(world, size), AgreedError) << size;
  }
}

TEST(Teams, SayHowManyRanksThereAreWhenTheyRefuse) {
  const auto world = Communicator::world();
  try {
    const Teams teams(world, world.size() + 1);
    FAIL() << "no error";
  } catch (const AgreedError& error) {
    EXPECT_EQ(std::string(error.what()), "measure.ranks_per_cube is " + std::to_string(world.size() + 1) +
                                             ", but the program runs on " + std::to_string(world.size()) +
                                             " ranks: it must divide the number of ranks");
  }
}

}  // namespace
}  // namespace phiscope
