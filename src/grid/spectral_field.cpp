#include "phiscope/grid/spectral_field.hpp"

#include <utility>

#include "phiscope/base/error.hpp"

namespace phiscope {

template <class Real>
SpectralField<Real>::SpectralField(SlabLayout layout)
    : layout_(std::move(layout)), storage_(static_cast<std::size_t>(layout_.allocation())) {}

template <class Real>
SpectralField<Real>::SpectralField(SlabLayout layout, AlignedArray<Complex> storage)
    : layout_(std::move(layout)), storage_(std::move(storage)) {
  if (storage_.size() < static_cast<std::size_t>(layout_.allocation()))
    fail("the storage of a spectrum holds {} complex values, expected {}", storage_.size(), layout_.allocation());
}

template <class Real>
const typename SpectralField<Real>::Complex* SpectralField<Real>::find(std::int64_t n0, std::int64_t n1,
                                                                       std::int64_t n2) const noexcept {
  const std::int64_t n = shape().n;
  std::int64_t outer = n0 < 0 ? n0 + n : n0;
  std::int64_t inner = n1 < 0 ? n1 + n : n1;
  if (layout_.transposed()) std::swap(outer, inner);
  outer -= layout_.first_spectral_plane();
  if (outer < 0 || outer >= outer_count()) return nullptr;
  return storage_.data() + offset(outer, inner) + n2;
}

template <class Real>
typename SpectralField<Real>::Complex* SpectralField<Real>::find(std::int64_t n0, std::int64_t n1,
                                                                 std::int64_t n2) noexcept {
  return const_cast<Complex*>(std::as_const(*this).find(n0, n1, n2));
}

template <class Real>
void SpectralField<Real>::remove_mean() noexcept {
  if (Complex* mean = find(0, 0, 0)) *mean = Complex{};
}

template class SpectralField<float>;
template class SpectralField<double>;

}  // namespace phiscope
