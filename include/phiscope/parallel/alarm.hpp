#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// A call to all ranks that work apart from each other (in teams) that something happened which concerns all: looked
/// for now and then, without waiting for anyone.
class Alarm {
 public:
  /// Collective.
  explicit Alarm(const Communicator& ranks) : ranks_(ranks.split(0)) {}

  /// Rings at all other ranks; does not wait for them.
  void ring();
  /// Whether another rank has rung since the last silence().
  bool rings();
  /// Collective: waits until all ranks are together again and calls `meanwhile` now and then; it may ring. Then what
  /// has rung is forgotten.
  void silence(const std::function<void()>& meanwhile = [] {});

 private:
  Communicator ranks_;                 ///< its own, so that no message is mistaken for another's
  std::vector<MPI_Request> messages_;  ///< on their way to the others
  std::int64_t rung_ = 0;
  bool heard_ = false;
};

}  // namespace phiscope
