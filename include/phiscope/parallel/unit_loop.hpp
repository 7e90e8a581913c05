#pragma once
#include <cstdint>
#include <functional>

#include "phiscope/parallel/communicator.hpp"
#include "phiscope/parallel/teams.hpp"

namespace phiscope {

/// Who works on a unit together, and how the units are dealt: number i to team i mod `count`.
struct Dealing {
  Communicator world, team;
  int index = 0, count = 1;

  /// To teams of ranks.
  static Dealing to(const Teams& teams);
  /// To each rank for itself.
  static Dealing to(const Communicator& ranks);
};

/// When the teams learn how the others fare.
enum class Agreement {
  after_each_round,  ///< so that a bad unit ends all at once: for units that take long
  at_the_end         ///< no team waits for another before
};

/// Does work(unit) for each of `count` units, those of a team one after the other. Collective over the world; `work`
/// may communicate over its team alone. Returns false on all ranks when one was asked to stop before all was done, or
/// `work` returned false, which says that it stopped in the middle. Throws AgreedError with the first problem of the
/// lowest rank. `after_round`, where the teams agree after each, is told how many units are done: all ranks call it
/// together, also in the round that has a problem, before it is thrown.
[[nodiscard]] bool for_each_unit(const Dealing& dealing, std::int64_t count, Agreement agreement,
                                 const std::function<bool(std::int64_t unit)>& work,
                                 const std::function<void(std::int64_t done)>& after_round = {});

}  // namespace phiscope
