#include "phiscope/parallel/communicator.hpp"

#include <array>
#include <utility>

#include "phiscope/base/error.hpp"

namespace phiscope {

void check_mpi(int code, const char* call, const char* file, int line) {
  if (code == MPI_SUCCESS) return;
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  MPI_Error_string(code, text.data(), &length);
  fail("{}:{}: {} failed: {}", file, line, call, text.data());
}

Communicator::Communicator(MPI_Comm handle) : Communicator(std::make_shared<MPI_Comm>(handle)) {}

Communicator::Communicator(std::shared_ptr<MPI_Comm> handle) : handle_(std::move(handle)) {
  PHISCOPE_MPI(MPI_Comm_rank(*handle_, &rank_));
  PHISCOPE_MPI(MPI_Comm_size(*handle_, &size_));
}

Communicator Communicator::owning(MPI_Comm handle) {
  return Communicator(std::shared_ptr<MPI_Comm>(new MPI_Comm(handle), [](MPI_Comm* owned) {
    int finalised = 0;
    MPI_Finalized(&finalised);
    if (finalised == 0) MPI_Comm_free(owned);
    delete owned;
  }));
}

Communicator Communicator::split(int colour) const {
  MPI_Comm part = MPI_COMM_NULL;
  PHISCOPE_MPI(MPI_Comm_split(handle(), colour, rank_, &part));
  return owning(part);
}

Communicator Communicator::split_by_host() const {
  MPI_Comm part = MPI_COMM_NULL;
  PHISCOPE_MPI(MPI_Comm_split_type(handle(), MPI_COMM_TYPE_SHARED, rank_, MPI_INFO_NULL, &part));
  return owning(part);
}

void Communicator::barrier() const {
  PHISCOPE_MPI(MPI_Barrier(handle()));
}

bool Communicator::any(bool mine) const {
  return maximum<std::int32_t>(mine ? 1 : 0) != 0;
}

std::string Communicator::broadcast(std::string text, int root) const {
  std::array<std::int64_t, 1> length{static_cast<std::int64_t>(text.size())};
  broadcast(std::span<std::int64_t>(length), root);
  text.resize(static_cast<std::size_t>(length[0]));
  broadcast(std::span<char>(text), root);
  return text;
}

}  // namespace phiscope
