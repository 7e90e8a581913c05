#pragma once
#include <string_view>

namespace phiscope {

/// Whose code transforms a cube: ours, over FFTW's transforms of single lines, or FFTW's own for distributed cubes
/// (FFTW-MPI, with its OpenMP threads). Their results agree to rounding, 1e-12 in double and 1e-6 in single precision
/// of what is measured, and not to the byte.
enum class FftEngine { own, fftw_mpi };

/// Reads "own" or "fftw_mpi". Throws Error with a suggestion on anything else.
FftEngine parse_fft_engine(std::string_view name);
/// The name that parse_fft_engine() reads.
std::string_view fft_engine_name(FftEngine engine);

}  // namespace phiscope
