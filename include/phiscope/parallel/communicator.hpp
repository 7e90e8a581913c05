#pragma once
#include <mpi.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "phiscope/parallel/mpi_check.hpp"

namespace phiscope {

/// The MPI type of an arithmetic C++ type.
template <class T>
MPI_Datatype mpi_type() {
  if constexpr (std::is_same_v<T, float>)
    return MPI_FLOAT;
  else if constexpr (std::is_same_v<T, double>)
    return MPI_DOUBLE;
  else if constexpr (std::is_same_v<T, char>)
    return MPI_CHAR;
  else if constexpr (std::is_same_v<T, std::uint8_t>)
    return MPI_UINT8_T;
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return MPI_INT32_T;
  else if constexpr (std::is_same_v<T, std::int64_t>)
    return MPI_INT64_T;
  else if constexpr (std::is_same_v<T, std::uint64_t>)
    return MPI_UINT64_T;
  else
    static_assert(!sizeof(T), "no MPI type for this C++ type");
}

/// A group of ranks. Either borrows an MPI_Comm or owns one, which is freed with the last copy (unless MPI has been
/// finalised before).
class Communicator {
 public:
  /// All ranks of the program.
  static Communicator world() { return Communicator(MPI_COMM_WORLD); }
  /// This rank alone.
  static Communicator self() { return Communicator(MPI_COMM_SELF); }
  /// Borrows: the caller keeps `handle` alive.
  explicit Communicator(MPI_Comm handle);

  /// The ranks that give the same `colour`, ordered by their rank here. Collective; the new communicator is owned.
  Communicator split(int colour) const;
  /// The ranks that share this rank's memory, ordered by their rank here. Collective; the new communicator is owned.
  Communicator split_by_host() const;

  MPI_Comm handle() const noexcept { return *handle_; }
  int rank() const noexcept { return rank_; }
  int size() const noexcept { return size_; }
  bool is_root() const noexcept { return rank_ == 0; }

  void barrier() const;
  /// True on every rank when it is true on any.
  bool any(bool mine) const;

  template <class T>
  void broadcast(std::span<T> values, int root = 0) const {
    for_chunks(values, [&](std::span<T> chunk) {
      PHISCOPE_MPI(MPI_Bcast(chunk.data(), static_cast<int>(chunk.size()), mpi_type<T>(), root, handle()));
    });
  }
  std::string broadcast(std::string text, int root = 0) const;

  template <class T>
  T sum(T mine) const {
    return reduce(mine, MPI_SUM);
  }
  template <class T>
  T maximum(T mine) const {
    return reduce(mine, MPI_MAX);
  }
  template <class T>
  T minimum(T mine) const {
    return reduce(mine, MPI_MIN);
  }

  /// Element-wise sum over the ranks, in place. The order of the sum is MPI's: the same bits on any number of ranks
  /// only where one rank brings a value and the others zero, or on two ranks.
  template <class T>
  void sum_in_place(std::span<T> values) const {
    reduce_in_place(values, MPI_SUM);
  }

  /// Element-wise maximum over the ranks, in place.
  template <class T>
  void maximum_in_place(std::span<T> values) const {
    reduce_in_place(values, MPI_MAX);
  }

  /// The values of all ranks, in rank order, on every rank. The lengths may differ.
  template <class T>
  std::vector<T> gather_all(std::span<const T> mine) const {
    const int count = static_cast<int>(mine.size());
    std::vector<int> counts(static_cast<std::size_t>(size_)), offsets(static_cast<std::size_t>(size_));
    PHISCOPE_MPI(MPI_Allgather(&count, 1, MPI_INT, counts.data(), 1, MPI_INT, handle()));
    int total = 0;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      offsets[i] = total;
      total += counts[i];
    }
    std::vector<T> all(static_cast<std::size_t>(total));
    PHISCOPE_MPI(MPI_Allgatherv(mine.data(), count, mpi_type<T>(), all.data(), counts.data(), offsets.data(),
                                mpi_type<T>(), handle()));
    return all;
  }

  template <class T>
  void send(std::span<const T> values, int to, int tag) const {
    for_chunks(values, [&](std::span<const T> chunk) {
      PHISCOPE_MPI(MPI_Send(chunk.data(), static_cast<int>(chunk.size()), mpi_type<T>(), to, tag, handle()));
    });
  }
  template <class T>
  void receive(std::span<T> values, int from, int tag) const {
    for_chunks(values, [&](std::span<T> chunk) {
      PHISCOPE_MPI(MPI_Recv(chunk.data(), static_cast<int>(chunk.size()), mpi_type<T>(), from, tag, handle(),
                            MPI_STATUS_IGNORE));
    });
  }

  /// Sends counts[r] values from send + offsets[r] to each rank r, and receives likewise. A rank's count for another
  /// must be what the other expects; nothing moves within a rank. Offsets and counts in values, one for each rank.
  template <class T>
  void exchange(const T* send, std::span<const std::int64_t> send_offsets, std::span<const std::int64_t> send_counts,
                T* receive, std::span<const std::int64_t> receive_offsets,
                std::span<const std::int64_t> receive_counts) const {
    std::vector<MPI_Request> requests;
    // One partner each way at a time, so that no rank is everybody's target at once.
    for (int step = 1; step < size_; ++step) {
      const int to = (rank_ + step) % size_, from = (rank_ - step + size_) % size_;
      const auto target = static_cast<std::size_t>(to), source = static_cast<std::size_t>(from);
      requests.clear();
      const auto start = [&requests, this](auto values, auto call, int partner) {
        for_chunks(values, [&](auto chunk) {
          requests.push_back(MPI_REQUEST_NULL);
          PHISCOPE_MPI(call(chunk.data(), static_cast<int>(chunk.size()), mpi_type<T>(), partner, exchange_tag,
                            handle(), &requests.back()));
        });
      };
      start(std::span<T>(receive + receive_offsets[source], static_cast<std::size_t>(receive_counts[source])),
            MPI_Irecv, from);
      start(std::span<const T>(send + send_offsets[target], static_cast<std::size_t>(send_counts[target])), MPI_Isend,
            to);
      PHISCOPE_MPI(MPI_Waitall(static_cast<int>(requests.size()), requests.data(), MPI_STATUSES_IGNORE));
    }
  }

 private:
  static constexpr int exchange_tag = 7;

  Communicator(std::shared_ptr<MPI_Comm> handle);
  static Communicator owning(MPI_Comm handle);

  template <class T>
  T reduce(T mine, MPI_Op operation) const {
    T result{};
    PHISCOPE_MPI(MPI_Allreduce(&mine, &result, 1, mpi_type<T>(), operation, handle()));
    return result;
  }

  template <class T>
  void reduce_in_place(std::span<T> values, MPI_Op operation) const {
    for_chunks(values, [&](std::span<T> chunk) {
      PHISCOPE_MPI(MPI_Allreduce(MPI_IN_PLACE, chunk.data(), static_cast<int>(chunk.size()), mpi_type<T>(), operation,
                                 handle()));
    });
  }

  /// MPI counts are ints, and large messages go fastest in pieces of 1-4 MB.
  template <class T, class Call>
  static void for_chunks(std::span<T> values, Call&& call) {
    constexpr std::size_t chunk = (std::size_t{2} << 20U) / sizeof(T);
    for (std::size_t begin = 0; begin < values.size(); begin += chunk)
      call(values.subspan(begin, std::min(chunk, values.size() - begin)));
  }

  std::shared_ptr<MPI_Comm> handle_;
  int rank_ = 0;
  int size_ = 1;
};

}  // namespace phiscope
