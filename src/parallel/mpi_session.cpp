#include "phiscope/parallel/mpi_session.hpp"

#include <mpi.h>

#include <algorithm>
#include <array>

#include "phiscope/parallel/mpi_check.hpp"

namespace phiscope {

MpiSession::MpiSession(int& argc, char**& argv) {
  int provided = 0;
  PHISCOPE_MPI(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided));
}

MpiSession::~MpiSession() { MPI_Finalize(); }

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
