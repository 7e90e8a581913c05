#include "phiscope/grid/fourier_transform.hpp"

#include <utility>

#include "fftw.hpp"
#include "line_transform.hpp"
#include "phiscope/base/error.hpp"
#include "transform_engine.hpp"

namespace phiscope {
namespace {

void require_same_shape(const SlabLayout& plan, const SlabLayout& field) {
  if (plan.shape().n == field.shape().n && plan.team().size() == field.team().size()) return;
  fail("a transform of {0}×{0}×{0} cells over {1} ranks was given a field of {2}×{2}×{2} cells over {3} ranks",
       plan.shape().n, plan.team().size(), field.shape().n, field.team().size());
}

template <class Real>
std::unique_ptr<const TransformEngine<Real>> make_engine(const SlabLayout& layout, Planning planning, FftEngine engine,
                                                         const std::filesystem::path& folder) {
  if (engine == FftEngine::fftw_mpi) return make_fftw_mpi_engine<Real>(layout, planning, folder);
  LineTransform<Real> lines(layout.shape().n, layout.team(), planning, folder);
  return layout.team().size() == 1 ? make_cube_engine<Real>(layout, std::move(lines))
                                   : make_slab_engine<Real>(layout, std::move(lines));
}

}  // namespace

template <class Real>
FourierTransform<Real>::FourierTransform(const SlabLayout& layout, Planning planning, FftEngine engine,
                                         const std::filesystem::path& folder)
    : layout_(layout), engine_(make_engine<Real>(layout, planning, engine, folder)) {}

template <class Real>
FourierTransform<Real>::~FourierTransform() = default;
template <class Real>
FourierTransform<Real>::FourierTransform(FourierTransform&&) noexcept = default;
template <class Real>
FourierTransform<Real>& FourierTransform<Real>::operator=(FourierTransform&&) noexcept = default;

template <class Real>
SpectralField<Real> FourierTransform<Real>::forward(Field<Real> field) const {
  require_same_shape(layout_, field.layout());
  const SlabLayout layout = field.layout();
  return SpectralField<Real>(layout, engine_->forward(std::move(field).take_storage()));
}

template <class Real>
SpectralField<Real> FourierTransform<Real>::forward(std::span<const Real> planes) const {
  const auto size = static_cast<std::size_t>(layout_.allocation());
  return forward(planes, SpectralField<Real>(layout_, AlignedArray<std::complex<Real>>::uninitialised(size)));
}

template <class Real>
SpectralField<Real> FourierTransform<Real>::forward(std::span<const Real> planes, SpectralField<Real> spent) const {
  require_same_shape(layout_, spent.layout());
  if (planes.size() != static_cast<std::size_t>(layout_.local_cells()))
    fail("a transform of {0} planes of {1}×{1} cells was given {2} values, expected {3}", layout_.planes(),
         layout_.shape().n, planes.size(), layout_.local_cells());
  return SpectralField<Real>(layout_, engine_->forward(planes.data(), std::move(spent).take_storage()));
}

template <class Real>
Field<Real> FourierTransform<Real>::inverse(SpectralField<Real> field) const {
  require_same_shape(layout_, field.layout());
  const SlabLayout layout = field.layout();
  return Field<Real>(layout, engine_->inverse(std::move(field).take_storage()));
}

template class FourierTransform<float>;
template class FourierTransform<double>;

std::string fftw_version() {
  return Fftw<double>::version;
}

}  // namespace phiscope
