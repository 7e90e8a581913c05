#include "phiscope/grid/row_transform.hpp"

#include "fftw.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/grid/aligned_array.hpp"

namespace phiscope {

template <class Real>
struct RowTransform<Real>::Plan {
  FftwPlan<Real> fftw;
};

template <class Real>
RowTransform<Real>::RowTransform(std::int64_t length) : length_(length), plan_(std::make_unique<Plan>()) {
  auto rows = AlignedArray<std::complex<Real>>::uninitialised(static_cast<std::size_t>(2 * (length + length % 2)));
  std::complex<Real>* to = rows.data() + length + length % 2;
  const int n = static_cast<int>(length);
  // FFTW's vector code wants 16 bytes; rows that follow each other keep to that when their length is even.
  const unsigned alignment = length % 2 == 0 ? 0U : FFTW_UNALIGNED;
  plan_->fftw.reset(Fftw<Real>::plan_many(1, &n, 1, as_fftw(rows.data()), nullptr, 1, n, as_fftw(to), nullptr, 1, n,
                                          FFTW_BACKWARD, FFTW_ESTIMATE | FFTW_PRESERVE_INPUT | alignment));
  if (!plan_->fftw) fail("FFTW has no plan for a row of {} values", length);
}

template <class Real>
RowTransform<Real>::~RowTransform() = default;
template <class Real>
RowTransform<Real>::RowTransform(RowTransform&&) noexcept = default;
template <class Real>
RowTransform<Real>& RowTransform<Real>::operator=(RowTransform&&) noexcept = default;

template <class Real>
void RowTransform<Real>::backward(const std::complex<Real>* from, std::complex<Real>* to) const {
  Fftw<Real>::execute(plan_->fftw.get(), as_fftw(const_cast<std::complex<Real>*>(from)), as_fftw(to));
}

template class RowTransform<float>;
template class RowTransform<double>;

}  // namespace phiscope
