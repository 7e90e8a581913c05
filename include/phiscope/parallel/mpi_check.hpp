#pragma once
#include <mpi.h>

namespace phiscope {

/// Throws Error with the MPI error text when `code` is not MPI_SUCCESS.
void check_mpi(int code, const char* call, const char* file, int line);

}  // namespace phiscope

/// Calls an MPI function and turns a failure into an Error that names the call and the place.
#define PHISCOPE_MPI(call) ::phiscope::check_mpi((call), #call, __FILE__, __LINE__)
