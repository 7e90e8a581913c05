#include "phiscope/parallel/mpi_session.hpp"

#include <mpi.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <thread>

#include "phiscope/base/error.hpp"
#include "phiscope/parallel/mpi_check.hpp"

namespace phiscope {
namespace {

/// More ranks than cores: Open MPI's waiting ranks must give way, or every exchange takes a scheduler's time slice
/// (45 times slower, measured). It sees this by itself only when mpirun knows the number of slots.
void yield_when_oversubscribed() {
  const char* local_ranks = std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
  if (local_ranks == nullptr) return;
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  if (std::atoi(local_ranks) > cores) setenv("OMPI_MCA_mpi_yield_when_idle", "1", 0);
}

}  // namespace

MpiSession::MpiSession(int& argc, char**& argv) {
  yield_when_oversubscribed();
  int provided = 0;
  PHISCOPE_MPI(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided));
  if (provided < MPI_THREAD_FUNNELED)
    fail("this MPI library does not allow threads beside it (MPI_THREAD_FUNNELED): use one that does");
  // Errors come back as codes, which PHISCOPE_MPI turns into messages; communicators made from this one inherit it.
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
}

MpiSession::~MpiSession() {
  MPI_Finalize();
}

const char* mpi_library_version() {
  static std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> text = [] {
    std::array<char, MPI_MAX_LIBRARY_VERSION_STRING> buffer{};
    int length = 0;
    MPI_Get_library_version(buffer.data(), &length);
    *std::find(buffer.begin(), buffer.end() - 1, ',') = '\0';
    return buffer;
  }();
  return text.data();
}

}  // namespace phiscope
