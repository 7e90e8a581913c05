#include "phiscope/parallel/alarm.hpp"

#include <chrono>
#include <thread>

namespace phiscope {
namespace {

constexpr int tag = 1;

}  // namespace

void Alarm::ring() {
  for (int rank = 0; rank < ranks_.size(); ++rank) {
    if (rank == ranks_.rank()) continue;
    messages_.push_back(MPI_REQUEST_NULL);
    PHISCOPE_MPI(MPI_Isend(nullptr, 0, MPI_BYTE, rank, tag, ranks_.handle(), &messages_.back()));
  }
  ++rung_;
}

bool Alarm::rings() {
  if (heard_) return true;
  int found = 0;
  PHISCOPE_MPI(MPI_Iprobe(MPI_ANY_SOURCE, tag, ranks_.handle(), &found, MPI_STATUS_IGNORE));
  heard_ = found != 0;
  return heard_;
}

void Alarm::silence(const std::function<void()>& meanwhile) {
  // A barrier: what is summed says nothing yet, since `meanwhile` may ring.
  std::int32_t nothing = 0;
  MPI_Request together = MPI_REQUEST_NULL;
  PHISCOPE_MPI(MPI_Iallreduce(MPI_IN_PLACE, &nothing, 1, MPI_INT32_T, MPI_MAX, ranks_.handle(), &together));
  for (int done = 0;;) {
    PHISCOPE_MPI(MPI_Request_get_status(together, &done, MPI_STATUS_IGNORE));
    if (done != 0) break;
    meanwhile();
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  PHISCOPE_MPI(MPI_Wait(&together, MPI_STATUS_IGNORE));
  for (auto left = ranks_.sum(rung_) - rung_; left > 0; --left)
    PHISCOPE_MPI(MPI_Recv(nullptr, 0, MPI_BYTE, MPI_ANY_SOURCE, tag, ranks_.handle(), MPI_STATUS_IGNORE));
  PHISCOPE_MPI(MPI_Waitall(static_cast<int>(messages_.size()), messages_.data(), MPI_STATUSES_IGNORE));
  messages_.clear();
  rung_ = 0;
  heard_ = false;
}

}  // namespace phiscope
