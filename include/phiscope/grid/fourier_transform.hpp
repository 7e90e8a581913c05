#pragma once
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "phiscope/base/cache_folder.hpp"
#include "phiscope/grid/fft_engine.hpp"
#include "phiscope/grid/field.hpp"
#include "phiscope/grid/slab_layout.hpp"
#include "phiscope/grid/spectral_field.hpp"

namespace phiscope {

/// How FFTW chooses its algorithms. `estimate` chooses the same ones every time, so that bytes repeat between runs;
/// `measure` times them first (a few ms; seconds for FFTW-MPI) and may choose differently, and round differently,
/// unless it finds what it chose the last time in a folder (see FftwWisdom).
enum class Planning { estimate, measure };

template <class Real>
class TransformEngine;

/// The discrete Fourier transform of cubes of one layout, in place (the argument's storage becomes the result's):
///   forward   φ(n) = Σ_x φ(x) exp(−2πi n·x/N), not normalised;
///   inverse   φ(x) = 1/N³ Σ_n φ(n) exp(+2πi n·x/N), so that inverse(forward(φ)) = φ.
/// Our own engine takes a cube plane by plane and then by batches of columns, with OpenMP threads around
/// single-threaded FFTW plans: the result does not depend on the number of threads. On a team of one rank forward() and
/// inverse() make no MPI call and may be called from any thread, also at the same time. On a larger team they are
/// collective and must be called from the thread that talks to MPI; the transform then keeps a slab of its own beside
/// the field's. FFTW-MPI's engine is always to be called so; its last bits depend on the number of threads that OpenMP
/// gave when the plans were made, and it must go before MPI ends.
/// Real is float or double.
template <class Real>
class FourierTransform {
 public:
  /// Makes the plans. Collective over the layout's team; never from two threads at once (FFTW's planner is global).
  /// What `measure` finds out is kept in `folder`, nowhere when that is empty; `estimate` does not touch it. Throws
  /// AgreedError for a slab of more values than FFTW-MPI can count where that is to transform it.
  explicit FourierTransform(const SlabLayout& layout, Planning planning = Planning::estimate,
                            FftEngine engine = FftEngine::own, const std::filesystem::path& folder = cache_folder());
  ~FourierTransform();
  FourierTransform(FourierTransform&&) noexcept;
  FourierTransform& operator=(FourierTransform&&) noexcept;
  FourierTransform(const FourierTransform&) = delete;
  FourierTransform& operator=(const FourierTransform&) = delete;

  const SlabLayout& layout() const noexcept { return layout_; }

  /// Throws Error when the field has another shape than the layout.
  SpectralField<Real> forward(Field<Real> field) const;
  /// The same from this rank's planes × n × n values without padding, which stay as they are. Throws Error when their
  /// number differs.
  SpectralField<Real> forward(std::span<const Real> planes) const;
  /// The same, into the memory of a spectrum that is no longer needed: fresh memory costs a tenth of the time.
  SpectralField<Real> forward(std::span<const Real> planes, SpectralField<Real> spent) const;
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
