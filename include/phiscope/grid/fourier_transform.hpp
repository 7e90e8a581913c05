#pragma once
#include <memory>
#include <string>

#include "phiscope/grid/field.hpp"
#include "phiscope/grid/slab_layout.hpp"
#include "phiscope/grid/spectral_field.hpp"

namespace phiscope {

/// How FFTW chooses its algorithms. `estimate` chooses the same ones every time, so that bytes repeat between runs;
/// `measure` times them first (seconds at 256³) and may choose differently, and round differently, the next time.
enum class Planning { estimate, measure };

template <class Real>
class TransformEngine;

/// The discrete Fourier transform of cubes of one layout, in place (the argument's storage becomes the result's):
///   forward   φ(n) = Σ_x φ(x) exp(−2πi n·x/N), not normalised;
///   inverse   φ(x) = 1/N³ Σ_n φ(n) exp(+2πi n·x/N), so that inverse(forward(φ)) = φ.
/// A team of one rank uses FFTW plane by plane and column by column, with OpenMP threads around single-threaded FFTW
/// plans: the result does not depend on the number of threads, and forward() and inverse() make no MPI call and may be
/// called from any thread, also at the same time. A larger team uses FFTW-MPI; then they are collective.
/// Real is float or double.
template <class Real>
class FourierTransform {
 public:
  /// Makes the plans. Collective over the layout's team; never from two threads at once (FFTW's planner is global).
  explicit FourierTransform(const SlabLayout& layout, Planning planning = Planning::estimate);
  ~FourierTransform();
  FourierTransform(FourierTransform&&) noexcept;
  FourierTransform& operator=(FourierTransform&&) noexcept;
  FourierTransform(const FourierTransform&) = delete;
  FourierTransform& operator=(const FourierTransform&) = delete;

  const SlabLayout& layout() const noexcept { return layout_; }

  /// Throws Error when the field has another shape than the layout.
  SpectralField<Real> forward(Field<Real> field) const;
  Field<Real> inverse(SpectralField<Real> field) const;

 private:
  SlabLayout layout_;
  std::unique_ptr<const TransformEngine<Real>> engine_;
};

extern template class FourierTransform<float>;
extern template class FourierTransform<double>;

/// The FFTW library in words, e.g. "fftw-3.3.10-sse2-avx".
std::string fftw_version();

}  // namespace phiscope
