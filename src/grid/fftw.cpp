#include "fftw.hpp"

#include "phiscope/base/error.hpp"
#include "phiscope/grid/fourier_transform.hpp"

namespace phiscope {

void initialise_fftw_mpi() {
  static const bool ready = [] {
    if (fftw_init_threads() == 0 || fftwf_init_threads() == 0) fail("FFTW could not start its threads");
    fftw_mpi_init();
    fftwf_mpi_init();
    return true;
  }();
  static_cast<void>(ready);
}

std::string fftw_version() {
  return static_cast<const char*>(::fftw_version);
}

}  // namespace phiscope
