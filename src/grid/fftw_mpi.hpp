#pragma once
#include <fftw3-mpi.h>

#include <memory>

#include "fftw.hpp"

namespace phiscope {

/// The functions of FFTW's MPI and OpenMP libraries by precision.
template <class Real>
struct FftwMpi;

template <>
struct FftwMpi<double> {
  static constexpr auto start_threads = fftw_init_threads;
  static constexpr auto start = fftw_mpi_init;
  static constexpr auto plan_with_threads = fftw_plan_with_nthreads;
  static constexpr auto local_size = fftw_mpi_local_size_many_transposed;
  static constexpr auto plan_forward = fftw_mpi_plan_many_dft_r2c;
  static constexpr auto plan_backward = fftw_mpi_plan_many_dft_c2r;
  static constexpr auto forward = fftw_mpi_execute_dft_r2c;
  static constexpr auto backward = fftw_mpi_execute_dft_c2r;
};

template <>
struct FftwMpi<float> {
  static constexpr auto start_threads = fftwf_init_threads;
  static constexpr auto start = fftwf_mpi_init;
  static constexpr auto plan_with_threads = fftwf_plan_with_nthreads;
  static constexpr auto local_size = fftwf_mpi_local_size_many_transposed;
  static constexpr auto plan_forward = fftwf_mpi_plan_many_dft_r2c;
  static constexpr auto plan_backward = fftwf_mpi_plan_many_dft_c2r;
  static constexpr auto forward = fftwf_mpi_execute_dft_r2c;
  static constexpr auto backward = fftwf_mpi_execute_dft_c2r;
};

/// A plan holds communicators of its own, which cannot be freed any more once MPI has ended.
template <class Real>
struct DestroyMpiPlan {
  void operator()(typename Fftw<Real>::Plan* plan) const noexcept {
    int ended = 0;
    MPI_Finalized(&ended);
    if (ended == 0) Fftw<Real>::destroy(plan);
  }
};

template <class Real>
using FftwMpiPlan = std::unique_ptr<typename Fftw<Real>::Plan, DestroyMpiPlan<Real>>;

}  // namespace phiscope
