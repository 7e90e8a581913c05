#pragma once
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// The agreement that ends each step of a loop, and a watch over who comes late to it.
///
/// Each rank measures how long it waits at an agreement: the late one waits least. Whether anyone waited longer than
/// the limit travels with the next agreement, so that a loop without lag pays for no message more than it has anyway;
/// only after a long wait the ranks gather their waits, and the root's log names who was late. A lag is thus named one
/// step after it has ended. What the ranks compute does not depend on it.
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

  void name_late_ranks();

  Communicator ranks_;
  double limit_seconds_;
  double quiet_seconds_;
  bool has_work_;
  std::vector<std::string> hosts_;  ///< of each rank; empty where nothing is watched
  std::vector<Clock::time_point> quiet_until_;
  double waited_ = 0.0;  ///< of this rank at the last agreement, seconds; negative where it has no work
  std::string place_;    ///< of the last agreement
};

}  // namespace phiscope
