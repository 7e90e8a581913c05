#include "phiscope/grid/fourier_transform.hpp"

#include <utility>

#include "phiscope/base/error.hpp"
#include "transform_engine.hpp"

namespace phiscope {
namespace {

void require_same_shape(const SlabLayout& plan, const SlabLayout& field) {
  if (plan.shape().n == field.shape().n && plan.team().size() == field.team().size() &&
      plan.allocation() == field.allocation())
    return;
  fail("a transform of {0}×{0}×{0} cells over {1} ranks was given a field of {2}×{2}×{2} cells over {3} ranks",
       plan.shape().n, plan.team().size(), field.shape().n, field.team().size());
}

}  // namespace

template <class Real>
FourierTransform<Real>::FourierTransform(const SlabLayout& layout, Planning planning)
    : layout_(layout),
      engine_(layout.team().size() == 1 ? make_cube_engine<Real>(layout, planning)
                                        : make_slab_engine<Real>(layout, planning)) {}

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
  auto storage = std::move(field).take_storage();
  engine_->forward(storage.data());
  return SpectralField<Real>(layout, std::move(storage));
}

template <class Real>
Field<Real> FourierTransform<Real>::inverse(SpectralField<Real> field) const {
  require_same_shape(layout_, field.layout());
  const SlabLayout layout = field.layout();
  auto storage = std::move(field).take_storage();
  engine_->inverse(storage.data());
  return Field<Real>(layout, std::move(storage));
}

template class FourierTransform<float>;
template class FourierTransform<double>;

}  // namespace phiscope
