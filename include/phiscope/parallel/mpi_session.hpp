#pragma once

namespace phiscope {

/// MPI from construction to destruction, at thread level FUNNELED or better. One per program.
class MpiSession {
 public:
  MpiSession(int& argc, char**& argv);
  ~MpiSession();
  MpiSession(const MpiSession&) = delete;
  MpiSession& operator=(const MpiSession&) = delete;
};

/// The MPI library in words, e.g. "Open MPI v4.1.4".
const char* mpi_library_version();

}  // namespace phiscope
