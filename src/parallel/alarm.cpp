#include "phiscope/parallel/alarm.hpp"

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

void Alarm::silence() {
  for (auto left = ranks_.sum(rung_) - rung_; left > 0; --left)
    PHISCOPE_MPI(MPI_Recv(nullptr, 0, MPI_BYTE, MPI_ANY_SOURCE, tag, ranks_.handle(), MPI_STATUS_IGNORE));
  PHISCOPE_MPI(MPI_Waitall(static_cast<int>(messages_.size()), messages_.data(), MPI_STATUSES_IGNORE));
  messages_.clear();
  rung_ = 0;
  heard_ = false;
}

}  // namespace phiscope
