#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// Memory that the ranks of one host see together: one part for each rank, on a page boundary, zero at first.
///
/// It is an anonymous file of the kernel's own (memfd), which the others open through the first rank. An MPI shared
/// window is not used: Open MPI 4.1 keeps it in /dev/shm, and where that is small, the first rank gets an error while
/// the others wait for ever; where it fills up later, ranks die of SIGBUS. Here every page is reserved beforehand, the
/// size of /dev/shm does not matter, and nothing is left behind by a killed program.
class SharedMemory {
 public:
  /// Collective: `bytes` for this rank; each rank may ask for another number. Throws AgreedError, with what the host
  /// refused, when any rank fails (the ranks are on several hosts or in several containers, or memory is short).
  SharedMemory(const Communicator& ranks, std::size_t bytes);

  /// The part of `rank`, in whole values.
  template <class T>
  std::span<T> part(int rank) const noexcept {
    const auto r = static_cast<std::size_t>(rank);
    return {reinterpret_cast<T*>(mapping_.get() + offsets_[r]), sizes_[r] / sizeof(T)};
  }

  /// Collective: what any rank wrote before this call, every rank sees after it.
  void meet() const;

 private:
  Communicator ranks_;
  std::vector<std::size_t> sizes_;    ///< bytes asked for by each rank
  std::vector<std::size_t> offsets_;  ///< where each rank's part begins
  std::shared_ptr<std::byte> mapping_;
};

}  // namespace phiscope
