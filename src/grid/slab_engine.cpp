#include <omp.h>

#include <cstdint>

#include "fftw.hpp"
#include "phiscope/base/error.hpp"
#include "transform_engine.hpp"

namespace phiscope {
namespace {

/// FFTW-MPI over slabs of the first axis, transposed in Fourier space.
template <class Real>
class SlabEngine final : public TransformEngine<Real> {
 public:
  SlabEngine(const SlabLayout& layout, Planning planning);

  void forward(std::complex<Real>* storage) const override {
    Fftw<Real>::execute_mpi_r2c(forward_.get(), reinterpret_cast<Real*>(storage), as_fftw(storage));
  }

  void inverse(std::complex<Real>* storage) const override {
    auto* reals = reinterpret_cast<Real*>(storage);
    Fftw<Real>::execute_mpi_c2r(inverse_.get(), as_fftw(storage), reals);
#pragma omp parallel for schedule(static)
    for (std::int64_t i = 0; i < local_reals_; ++i) reals[i] *= factor_;
  }

 private:
  std::int64_t local_reals_;
  Real factor_;
  FftwPlan<Real> forward_, inverse_;
};

template <class Real>
SlabEngine<Real>::SlabEngine(const SlabLayout& layout, Planning planning)
    : local_reals_(layout.planes() * layout.shape().n * layout.row_stride()),
      factor_(static_cast<Real>(1.0 / static_cast<double>(layout.shape().cells()))) {
  initialise_fftw_mpi();
  Fftw<Real>::plan_with_threads(omp_get_max_threads());
  auto values = AlignedArray<std::complex<Real>>::uninitialised(static_cast<std::size_t>(layout.allocation()));
  auto* reals = reinterpret_cast<Real*>(values.data());
  const std::int64_t n = layout.shape().n;
  const unsigned effort = planning == Planning::measure ? FFTW_MEASURE : FFTW_ESTIMATE;
  forward_.reset(Fftw<Real>::plan_mpi_r2c_3d(n, n, n, reals, as_fftw(values.data()), layout.team().handle(),
                                             effort | FFTW_MPI_TRANSPOSED_OUT));
  inverse_.reset(Fftw<Real>::plan_mpi_c2r_3d(n, n, n, as_fftw(values.data()), reals, layout.team().handle(),
                                             effort | FFTW_MPI_TRANSPOSED_IN));
  if (!forward_ || !inverse_) fail("FFTW-MPI has no plan for a transform of {0}×{0}×{0} cells", n);
}

}  // namespace

template <class Real>
std::unique_ptr<const TransformEngine<Real>> make_slab_engine(const SlabLayout& layout, Planning planning) {
  return std::make_unique<const SlabEngine<Real>>(layout, planning);
}

template std::unique_ptr<const TransformEngine<float>> make_slab_engine(const SlabLayout&, Planning);
template std::unique_ptr<const TransformEngine<double>> make_slab_engine(const SlabLayout&, Planning);

}  // namespace phiscope
