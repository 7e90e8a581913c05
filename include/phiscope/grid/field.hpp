#pragma once
#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "phiscope/grid/aligned_array.hpp"
#include "phiscope/grid/slab_layout.hpp"

namespace phiscope {

/// The real values of this rank's planes of a cube: planes × n × n, the last axis fastest, each row padded to
/// 2 (n/2 + 1) values so that the transform works in place. The padding is never part of the field.
/// Real is float or double. Copying is a deep copy; a moved-from field may only be assigned to or destroyed.
template <class Real>
class Field {
 public:
  /// Zeros.
  explicit Field(SlabLayout layout);
  /// Takes over storage of layout.allocation() complex values (as FourierTransform does).
  Field(SlabLayout layout, AlignedArray<std::complex<Real>> storage);

  const SlabLayout& layout() const noexcept { return layout_; }
  const GridShape& shape() const noexcept { return layout_.shape(); }

  /// The n values of row `j` of local plane `i` (0 … planes−1).
  std::span<Real> row(std::int64_t i, std::int64_t j) noexcept { return {reals() + offset(i, j), row_length()}; }
  std::span<const Real> row(std::int64_t i, std::int64_t j) const noexcept {
    return {reals() + offset(i, j), row_length()};
  }

  /// Sets all local cells from planes × n × n values without padding. Throws Error when their number differs.
  void fill(std::span<const float> values);
  void fill(std::span<const double> values);
  /// Copies all local cells to planes × n × n values without padding. Throws Error when their number differs.
  void copy_to(std::span<float> values) const;
  void copy_to(std::span<double> values) const;

  /// The mean over the whole cube, summed in double in an order that does not depend on the number of ranks.
  /// Collective.
  double mean() const;
  /// Subtracts the mean over the whole cube and returns it. Collective.
  double remove_mean();

  /// The storage, for a transform in place; the field is moved-from afterwards.
  AlignedArray<std::complex<Real>> take_storage() && { return std::move(storage_); }

 private:
  // The standard allows an array of complex to be read as an array of reals, and not the other way round.
  Real* reals() noexcept { return reinterpret_cast<Real*>(storage_.data()); }
  const Real* reals() const noexcept { return reinterpret_cast<const Real*>(storage_.data()); }
  std::size_t row_length() const noexcept { return static_cast<std::size_t>(layout_.shape().n); }
  std::int64_t offset(std::int64_t i, std::int64_t j) const noexcept {
    return (i * layout_.shape().n + j) * layout_.row_stride();
  }
  template <class Source>
  void fill_rows(std::span<const Source> values);
  template <class Target>
  void copy_rows(std::span<Target> values) const;

  SlabLayout layout_;
  AlignedArray<std::complex<Real>> storage_;
};

extern template class Field<float>;
extern template class Field<double>;

}  // namespace phiscope
