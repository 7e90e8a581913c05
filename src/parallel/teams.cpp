#include "phiscope/parallel/teams.hpp"

#include <fmt/format.h>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

int checked_team_size(const Communicator& world, int ranks_per_cube) {
  if (ranks_per_cube < 1 || world.size() % ranks_per_cube != 0)
    throw AgreedError(fmt::format(
        "measure.ranks_per_cube is {}, but the program runs on {} ranks: it must divide the number of ranks",
        ranks_per_cube, world.size()));
  return ranks_per_cube;
}

}  // namespace

Teams::Teams(const Communicator& world, int ranks_per_cube)
    : world_(world), team_(world.split(world.rank() / checked_team_size(world, ranks_per_cube))) {}

}  // namespace phiscope
