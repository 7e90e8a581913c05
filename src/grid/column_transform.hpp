#pragma once
#include <complex>
#include <cstdint>

#include "line_transform.hpp"

namespace phiscope {

/// Where the columns of a slab begin, and the distance of their values. Column q begins at
/// first + (q / row) × row_pitch + q % row: a row of columns lies together in memory.
template <class Real>
struct Columns {
  std::complex<Real>* first;
  std::int64_t stride;
  std::int64_t row;
  std::int64_t row_pitch;
};

/// Transforms `count` columns and puts them to other places, or the same ones; not normalised. Columns go in batches
/// through contiguous scratch space: along their stride of a plane each value would miss the cache alone. Shared out
/// over the threads; the result does not depend on their number. Real is float or double.
template <class Real>
void transform_columns(const LineTransform<Real>& lines, int sign, const Columns<Real>& from, const Columns<Real>& to,
                       std::int64_t count);

extern template void transform_columns(const LineTransform<float>&, int, const Columns<float>&, const Columns<float>&,
                                       std::int64_t);
extern template void transform_columns(const LineTransform<double>&, int, const Columns<double>&,
                                       const Columns<double>&, std::int64_t);

}  // namespace phiscope
