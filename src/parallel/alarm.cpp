#include "phiscope/parallel/alarm.hpp"

namespace phiscope {
namespace {

constexpr int tag = 1;

}  // namespace

void Alarm::ring() {
  for (int rank = 0; rank < ranks_.size(); ++rank) {
    if (rank == ranks_.rank()) continue;
    MPI_Request request = MPI_REQUEST_NULL;
    // Nothing is sent but the message itself, so that no buffer has to outlive the request.
    PHISCOPE_MPI(MPI_Isend(nullptr, 0, MPI_BYTE, rank, tag, ranks_.handle(), &request));
    PHISCOPE_MPI(MPI_Request_free(&request));
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
  rung_ = 0;
  heard_ = false;
}

}  // namespace phiscope
