#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// The agreement that ends each step of a loop, and a watch over who comes late to it.
///
/// Each rank measures how long it waits at an agreement. Who has waited for longer than the limit, or comes after that,
/// tells two of the ranks, the witnesses, that it is there; a little later a witness names those it has not heard of: a
/// rank that hangs is named while the others still wait for it. That somebody waited too long travels with the next
/// agreement, after which the ranks gather their waits, and the root's log says who was late and by how much. A loop
/// without lag pays for no message more than it has anyway. What the ranks compute does not depend on any of it.
class LagWatch {
 public:
  /// Collective. Names ranks that keep others waiting for more than `limit_seconds` (0: none), each at most once in
  /// `quiet_seconds`. A rank that has no work is neither late nor kept waiting.
  LagWatch(const Communicator& ranks, double limit_seconds, bool has_work = true, double quiet_seconds = 600.0);

  /// Collective: the largest `mine`. `place` says in the log where the ranks are, e.g. "epoch 3, step 17".
  std::int32_t maximum(std::int32_t mine, std::string place);
  /// Collective: names who was late to the last agreement, when none follows.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;

  /// One of the last two. A rank may be told of the one while the other is not over yet.
  struct Agreement {
    std::string place;
    double waited = 0.0;                ///< by this rank, seconds
    bool told = false;                  ///< the witnesses, that this rank has waited too long
    std::vector<MPI_Request> messages;  ///< with which it told them
    std::vector<bool> heard_of;         ///< by rank; of a witness
  };

  bool is_witness() const;
  Agreement& latest() { return agreements_[static_cast<std::size_t>(count_ % 2)]; }
  int tag() const { return static_cast<int>(count_ % 2); }
  /// Until all are there.
  void watch(MPI_Request agreement);
  void tell_witnesses();
  void hear_others();
  void name_missing_ranks();
  void name_late_ranks(Agreement& agreement, int tag);
  std::string name_of(std::size_t rank) const;

  Communicator ranks_;
  Communicator own_;  ///< the same ranks: no message of the watch is mistaken for another's
  double limit_seconds_;
  double quiet_seconds_;
  bool has_work_;
  std::vector<std::string> hosts_;  ///< of each rank; empty where nothing is watched
  std::vector<bool> works_;         ///< by rank
  std::vector<int> witnesses_;      ///< the first ranks that have work, two at most
  std::vector<Clock::time_point> quiet_until_;
  Clock::time_point last_end_ = Clock::now();  ///< of an agreement
  std::int64_t count_ = 0;                     ///< of agreements
  std::array<Agreement, 2> agreements_;
};

}  // namespace phiscope
