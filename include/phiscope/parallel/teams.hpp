#pragma once
#include <cstdint>
#include <vector>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// The world split into teams of `ranks_per_cube` neighbouring ranks; a team holds one cube together.
class Teams {
 public:
  /// Collective. Throws AgreedError unless 1 ≤ ranks_per_cube ≤ world size and it divides the world size.
  Teams(const Communicator& world, int ranks_per_cube);

  const Communicator& world() const noexcept { return world_; }
  /// The ranks that share a cube with this one.
  const Communicator& team() const noexcept { return team_; }
  int count() const noexcept { return world_.size() / team_.size(); }
  /// This rank's team, 0 … count()−1.
  int index() const noexcept { return world_.rank() / team_.size(); }

  /// How many rounds are needed until each of `units` pieces of work was done by one team.
  std::int64_t rounds(std::int64_t units) const noexcept { return (units + count() - 1) / count(); }
  /// The piece of work of this team in `round`: a unit index, or −1 when there is none left for it.
  std::int64_t unit(std::int64_t round, std::int64_t units) const noexcept {
    const std::int64_t mine = round * count() + index();
    return mine < units ? mine : -1;
  }

 private:
  Communicator world_;
  Communicator team_;
};

}  // namespace phiscope
