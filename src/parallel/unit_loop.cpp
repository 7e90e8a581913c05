#include "phiscope/parallel/unit_loop.hpp"

#include <algorithm>
#include <exception>

#include "phiscope/base/stop_request.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {
namespace {

/// Does a unit and keeps what went wrong; whether it was done.
bool is_done(const std::function<bool(std::int64_t)>& work, std::int64_t unit, std::exception_ptr& problem) {
  try {
    return work(unit);
  } catch (...) {
    problem = std::current_exception();
    return false;
  }
}

bool in_rounds(const Dealing& dealing, std::int64_t count, const std::function<bool(std::int64_t)>& work,
               const std::function<void(std::int64_t)>& after_round) {
  for (std::int64_t first = 0; first < count; first += dealing.count) {
    const std::int64_t unit = first + dealing.index, done = std::min(count, first + dealing.count);
    std::exception_ptr problem;
    const bool all_done = unit >= count || is_done(work, unit, problem);
    if (after_round) after_round(done);
    agree(dealing.world, problem);
    const bool more = done < count || dealing.world.any(!all_done);
    if (more && dealing.world.any(stop_requested() || !all_done)) return false;
  }
  return true;
}

bool to_the_end(const Dealing& dealing, std::int64_t count, const std::function<bool(std::int64_t)>& work) {
  std::exception_ptr problem;
  bool all_done = true;
  for (std::int64_t unit = dealing.index; unit < count && all_done && !problem; unit += dealing.count) {
    all_done = !dealing.team.any(stop_requested()) && is_done(work, unit, problem);
    // A rank of the team may have failed alone.
    all_done = !dealing.team.any(!all_done);
  }
  agree(dealing.world, problem);
  return !dealing.world.any(!all_done);
}

}  // namespace

Dealing Dealing::to(const Teams& teams) {
  return {teams.world(), teams.team(), teams.index(), teams.count()};
}

Dealing Dealing::to(const Communicator& ranks) {
  return {ranks, Communicator::self(), ranks.rank(), ranks.size()};
}

bool for_each_unit(const Dealing& dealing, std::int64_t count, Agreement agreement,
                   const std::function<bool(std::int64_t)>& work,
                   const std::function<void(std::int64_t)>& after_round) {
  return agreement == Agreement::after_each_round ? in_rounds(dealing, count, work, after_round)
                                                  : to_the_end(dealing, count, work);
}

}  // namespace phiscope
