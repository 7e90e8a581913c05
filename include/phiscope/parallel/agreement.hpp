#pragma once
#include <exception>
#include <functional>
#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// That memory was short on some rank, known on all: no fault of what was being done.
class AgreedOutOfMemory : public AgreedError {
 public:
  using AgreedError::AgreedError;
};

/// A problem in one sentence: an Error's own, at most some lines long, and a translation of what libraries throw.
std::string message_of(const std::exception_ptr& problem);

/// Collective: throws AgreedError with the message of the lowest failing rank on all ranks when any rank brings a
/// problem (anything but a null pointer); returns on all ranks otherwise. An AgreedError passes through unchanged
/// only where every rank brings one. Where that rank was short of memory it is AgreedOutOfMemory.
void agree(const Communicator& ranks, const std::exception_ptr& problem);

/// Does `work` on this rank, then agrees with the others on how it ended. `work` must not communicate over `ranks`.
/// So a bad file that one rank meets ends all of them, with one message and no hang.
void together(const Communicator& ranks, const std::function<void()>& work);

/// For a rank that failed where the ranks had not planned to agree: whether the others did so too.
class LastWords {
 public:
  /// Collective. Made while all is well: the messages of what was interrupted stay on the ranks' own communicator.
  explicit LastWords(const Communicator& ranks);

  /// Called once, by a rank that failed. True on every rank when all of them call it, at nearly the same time; they
  /// may agree() over ranks() then. Where some never do it returns false after a while, on the lowest rank first: that
  /// one can end the program before the others speak.
  bool all_have_failed() const;
  const Communicator& ranks() const noexcept { return ranks_; }

 private:
  Communicator ranks_;
};

}  // namespace phiscope
