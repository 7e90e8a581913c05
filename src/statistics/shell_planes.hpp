#pragma once
#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "phiscope/grid/aligned_array.hpp"
#include "phiscope/grid/row_transform.hpp"
#include "shell_columns.hpp"

namespace phiscope {

/// One thread's workplace: the fields on one plane x0, made row by row while what they are made of is in cache.
///
/// Two rows of a real field are one complex transform (z = a + i b), and its result, a and b interleaved, is left as it
/// is: products summed over all points do not mind in which order the points come.
template <class Real>
class ShellPlanes {
 public:
  using Complex = std::complex<Real>;

  /// Fields whose shells reach `reaches[field]`, on planes of `grid` × `grid` points. `along` transforms rows of
  /// that length and must outlive this object.
  ShellPlanes(std::span<const std::int64_t> reaches, const RowTransform<Real>& along);

  /// Transforms plane `plane` of the columns along axis 1.
  void load(const ShellColumns<Real>& columns, std::int64_t plane);

  /// A plane comes in so many bands of a few rows.
  std::int64_t bands() const noexcept { return (pairs_ + pairs_per_band - 1) / pairs_per_band; }
  /// Makes band `band` of the loaded plane: fields()[field] are points() values, on 64-byte boundaries.
  void make_band(std::int64_t band);
  std::span<const Real* const> fields() const noexcept { return fields_; }
  /// Points of a band; those beyond the plane's end are zero.
  std::size_t points() const noexcept { return points_; }

 private:
  /// Pairs of rows whose points share the cache: at 256 points a row, 27 fields take 221 kB in single precision.
  static constexpr std::int64_t pairs_per_band = 4;

  void transform_along_1(const ShellColumns<Real>& columns, std::int64_t plane, std::size_t field);
  void pack_pair(std::size_t field, std::int64_t pair);
  Complex* row(std::size_t field, std::int64_t n2) { return rows_.data() + row_offset_[field] + n2 * pitch_; }
  const Complex* row(std::size_t field, std::int64_t n2) const {
    return rows_.data() + row_offset_[field] + n2 * pitch_;
  }

  std::vector<std::int64_t> reaches_;
  const RowTransform<Real>& along_;
  std::int64_t grid_, pairs_, pitch_;
  std::size_t points_;
  std::vector<std::int64_t> row_offset_;
  /// One field before the transform along axis 1, [n2][n1], and all of them after it, [field][n2][x1]; rows are
  /// `pitch_` apart.
  AlignedArray<Complex> modes_, rows_;
  /// A pair of rows before the transform along axis 2.
  AlignedArray<Complex> pair_;
  AlignedArray<Real> band_;
  std::vector<const Real*> fields_;
};

extern template class ShellPlanes<float>;
extern template class ShellPlanes<double>;

}  // namespace phiscope
