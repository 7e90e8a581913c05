#include "plane_transform.hpp"

#include <algorithm>
#include <cstddef>

#include "row_pair.hpp"
#include "transpose.hpp"

namespace phiscope {

template <class Real>
PlaneTransform<Real>::Workspace::Workspace(const PlaneTransform& transform)
    : columns_(
          AlignedArray<Complex>::uninitialised(static_cast<std::size_t>(transform.half_ * transform.lines_.pitch()))),
      pairs_(AlignedArray<Complex>::uninitialised(static_cast<std::size_t>(block / 2 * transform.lines_.pitch()))),
      rows_(AlignedArray<Complex>::uninitialised(static_cast<std::size_t>(block * transform.half_))) {}

template <class Real>
void PlaneTransform<Real>::forward(const Real* rows, std::int64_t stride, Workspace& work) const {
  const std::int64_t n = lines_.n(), pitch = lines_.pitch();
  for (std::int64_t first = 0; first < n; first += block) {
    const std::int64_t count = std::min(block, n - first), pairs = (count + 1) / 2;
    for (std::int64_t pair = 0; pair < pairs; ++pair) {
      const Real* a = rows + (first + 2 * pair) * stride;
      Complex* line = work.pairs_.data() + pair * pitch;
      auto* values = reinterpret_cast<Real*>(line);
      // Halved here, where it costs nothing, for the halves of split_pair().
      if (2 * pair + 1 < count) {
        const Real* b = a + stride;
        for (std::int64_t k = 0; k < n; ++k) {
          values[2 * k] = Real{0.5} * a[k];
          values[2 * k + 1] = Real{0.5} * b[k];
        }
      } else {
        for (std::int64_t k = 0; k < n; ++k) line[k] = Real{0.5} * a[k];
      }
    }
    lines_.forward(work.pairs_.data(), pairs);
    for (std::int64_t pair = 0; pair < pairs; ++pair) {
      Complex* a = work.rows_.data() + 2 * pair * half_;
      split_pair(work.pairs_.data() + pair * pitch, n, a, a + half_);
    }
    transpose(work.rows_.data(), half_, work.columns_.data() + first, pitch, count, half_);
  }
  lines_.forward(work.columns_.data(), half_);
}

template <class Real>
void PlaneTransform<Real>::store(const Workspace& work, std::int64_t first, std::int64_t count, Complex* rows) const {
  transpose_in_runs(work.columns_.data() + first, lines_.pitch(), rows, half_, half_, count);
}

template <class Real>
void PlaneTransform<Real>::load(Workspace& work, std::int64_t first, std::int64_t count, const Complex* rows) const {
  transpose(rows, half_, work.columns_.data() + first, lines_.pitch(), count, half_);
}

template <class Real>
void PlaneTransform<Real>::inverse(Workspace& work, Real factor, Real* rows, std::int64_t stride) const {
  const std::int64_t n = lines_.n(), pitch = lines_.pitch();
  lines_.backward(work.columns_.data(), half_);
  for (std::int64_t first = 0; first < n; first += block) {
    const std::int64_t count = std::min(block, n - first), pairs = (count + 1) / 2;
    transpose(work.columns_.data() + first, pitch, work.rows_.data(), half_, half_, count);
    if (count % 2 != 0) std::fill_n(work.rows_.data() + count * half_, half_, Complex{});
    for (std::int64_t pair = 0; pair < pairs; ++pair) {
      const Complex* a = work.rows_.data() + 2 * pair * half_;
      join_pair(a, a + half_, factor, n, work.pairs_.data() + pair * pitch);
    }
    lines_.backward(work.pairs_.data(), pairs);
    for (std::int64_t row = 0; row < count; ++row) {
      const auto* values = reinterpret_cast<const Real*>(work.pairs_.data() + row / 2 * pitch) + row % 2;
      Real* target = rows + (first + row) * stride;
      for (std::int64_t k = 0; k < n; ++k) target[k] = values[2 * k];
    }
  }
}

template class PlaneTransform<float>;
template class PlaneTransform<double>;

}  // namespace phiscope
