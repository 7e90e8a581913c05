#pragma once
#include <fftw3-mpi.h>

#include <complex>
#include <cstddef>
#include <memory>
#include <type_traits>

namespace phiscope {

/// FFTW's functions by precision. Plans are made for in-place transforms and run on other arrays of equal alignment.
template <class Real>
struct Fftw;

template <>
struct Fftw<double> {
  using Complex = fftw_complex;
  using Plan = std::remove_pointer_t<fftw_plan>;
  static constexpr auto destroy = fftw_destroy_plan;
  static constexpr auto plan_r2c_2d = fftw_plan_dft_r2c_2d;
  static constexpr auto plan_c2r_2d = fftw_plan_dft_c2r_2d;
  static constexpr auto plan_many = fftw_plan_many_dft;
  static constexpr auto plan_mpi_r2c_3d = fftw_mpi_plan_dft_r2c_3d;
  static constexpr auto plan_mpi_c2r_3d = fftw_mpi_plan_dft_c2r_3d;
  static constexpr auto execute = fftw_execute_dft;
  static constexpr auto execute_r2c = fftw_execute_dft_r2c;
  static constexpr auto execute_c2r = fftw_execute_dft_c2r;
  static constexpr auto execute_mpi_r2c = fftw_mpi_execute_dft_r2c;
  static constexpr auto execute_mpi_c2r = fftw_mpi_execute_dft_c2r;
  static constexpr auto plan_with_threads = fftw_plan_with_nthreads;
};

template <>
struct Fftw<float> {
  using Complex = fftwf_complex;
  using Plan = std::remove_pointer_t<fftwf_plan>;
  static constexpr auto destroy = fftwf_destroy_plan;
  static constexpr auto plan_r2c_2d = fftwf_plan_dft_r2c_2d;
  static constexpr auto plan_c2r_2d = fftwf_plan_dft_c2r_2d;
  static constexpr auto plan_many = fftwf_plan_many_dft;
  static constexpr auto plan_mpi_r2c_3d = fftwf_mpi_plan_dft_r2c_3d;
  static constexpr auto plan_mpi_c2r_3d = fftwf_mpi_plan_dft_c2r_3d;
  static constexpr auto execute = fftwf_execute_dft;
  static constexpr auto execute_r2c = fftwf_execute_dft_r2c;
  static constexpr auto execute_c2r = fftwf_execute_dft_c2r;
  static constexpr auto execute_mpi_r2c = fftwf_mpi_execute_dft_r2c;
  static constexpr auto execute_mpi_c2r = fftwf_mpi_execute_dft_c2r;
  static constexpr auto plan_with_threads = fftwf_plan_with_nthreads;
};

template <class Real>
struct DestroyPlan {
  void operator()(typename Fftw<Real>::Plan* plan) const noexcept { Fftw<Real>::destroy(plan); }
};

template <class Real>
using FftwPlan = std::unique_ptr<typename Fftw<Real>::Plan, DestroyPlan<Real>>;

/// The same memory in FFTW's words. std::complex and FFTW's complex have one layout (FFTW manual, section 4.1.1).
template <class Real>
typename Fftw<Real>::Complex* as_fftw(std::complex<Real>* values) noexcept {
  return reinterpret_cast<typename Fftw<Real>::Complex*>(values);
}

/// Prepares FFTW for plans over several ranks: threads first, then MPI, as FFTW's manual demands. Once per program.
void initialise_fftw_mpi();

}  // namespace phiscope
