#pragma once
#include <fftw3.h>

#include <complex>
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
  static constexpr auto plan_many = fftw_plan_many_dft;
  static constexpr auto execute = fftw_execute_dft;
  static constexpr auto forget_wisdom = fftw_forget_wisdom;
  static constexpr auto import_wisdom = fftw_import_wisdom_from_string;
  static constexpr auto export_wisdom = fftw_export_wisdom_to_string;
  static constexpr auto version = ::fftw_version;
  static constexpr auto precision = "double";
};

template <>
struct Fftw<float> {
  using Complex = fftwf_complex;
  using Plan = std::remove_pointer_t<fftwf_plan>;
  static constexpr auto destroy = fftwf_destroy_plan;
  static constexpr auto plan_many = fftwf_plan_many_dft;
  static constexpr auto execute = fftwf_execute_dft;
  static constexpr auto forget_wisdom = fftwf_forget_wisdom;
  static constexpr auto import_wisdom = fftwf_import_wisdom_from_string;
  static constexpr auto export_wisdom = fftwf_export_wisdom_to_string;
  static constexpr auto version = ::fftwf_version;
  static constexpr auto precision = "single";
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

}  // namespace phiscope
