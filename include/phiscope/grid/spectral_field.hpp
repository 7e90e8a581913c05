#pragma once
#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "phiscope/grid/aligned_array.hpp"
#include "phiscope/grid/slab_layout.hpp"

namespace phiscope {

/// The half-complex Fourier coefficients of this rank: rows of n/2 + 1 values along the last axis (n2 = 0 … n/2), the
/// others following from conj(φ(−n)) = φ(n). Rows are addressed by (outer, inner): on a team of one rank these are the
/// places along axes 0 and 1; on a larger team along axes 1 and 0 (transposed order, see SlabLayout). The methods that
/// give wave numbers (n0, n1, n2) hide the difference: use them.
/// Real is float or double. Copying is a deep copy; a moved-from field may only be assigned to or destroyed.
template <class Real>
class SpectralField {
 public:
  using Complex = std::complex<Real>;

  /// Zeros.
  explicit SpectralField(SlabLayout layout);
  /// Takes over storage of layout.allocation() complex values (as FourierTransform does).
  SpectralField(SlabLayout layout, AlignedArray<Complex> storage);

  const SlabLayout& layout() const noexcept { return layout_; }
  const GridShape& shape() const noexcept { return layout_.shape(); }

  /// Outer places of this rank, and inner places of each.
  std::int64_t outer_count() const noexcept { return layout_.spectral_planes(); }
  std::int64_t inner_count() const noexcept { return shape().n; }

  /// The n/2 + 1 coefficients of a row, n2 = 0 … n/2.
  std::span<Complex> row(std::int64_t outer, std::int64_t inner) noexcept {
    return {storage_.data() + offset(outer, inner), static_cast<std::size_t>(shape().half())};
  }
  std::span<const Complex> row(std::int64_t outer, std::int64_t inner) const noexcept {
    return {storage_.data() + offset(outer, inner), static_cast<std::size_t>(shape().half())};
  }
  /// The signed wave numbers (n0, n1) of a row, in units of k_F.
  std::pair<std::int64_t, std::int64_t> row_wave_numbers(std::int64_t outer, std::int64_t inner) const noexcept {
    const std::int64_t a = shape().wave_number(layout_.first_spectral_plane() + outer);
    const std::int64_t b = shape().wave_number(inner);
    return layout_.transposed() ? std::pair{b, a} : std::pair{a, b};
  }

  /// How many coefficients of the full cube a stored one stands for: 2, but 1 where the conjugate is stored as well
  /// (n2 = 0 and, for even n, n2 = n/2).
  int weight(std::int64_t n2) const noexcept { return n2 == 0 || 2 * n2 == shape().n ? 1 : 2; }

  /// Calls visit(n0, n1, row) for each row of this rank; row is a span of n/2 + 1 coefficients.
  template <class Visit>
  void for_each_row(Visit&& visit) {
    for_rows(*this, visit);
  }
  template <class Visit>
  void for_each_row(Visit&& visit) const {
    for_rows(*this, visit);
  }

  /// Calls visit(n0, n1, n2, weight, coefficient) for each coefficient of this rank.
  template <class Visit>
  void for_each_mode(Visit&& visit) {
    for_modes(*this, visit);
  }
  template <class Visit>
  void for_each_mode(Visit&& visit) const {
    for_modes(*this, visit);
  }

  /// The coefficient (n0, n1, n2), 0 ≤ n2 ≤ n/2, or a null pointer when another rank holds it.
  Complex* find(std::int64_t n0, std::int64_t n1, std::int64_t n2) noexcept;
  const Complex* find(std::int64_t n0, std::int64_t n1, std::int64_t n2) const noexcept;

  /// Sets the coefficient (0, 0, 0), the mean of the field, to zero.
  void remove_mean() noexcept;

  /// The storage, for a transform in place; the field is moved-from afterwards.
  AlignedArray<Complex> take_storage() && { return std::move(storage_); }

 private:
  std::int64_t offset(std::int64_t outer, std::int64_t inner) const noexcept {
    return (outer * shape().n + inner) * shape().half();
  }
  template <class Self, class Visit>
  static void for_rows(Self& self, Visit& visit) {
    for (std::int64_t outer = 0; outer < self.outer_count(); ++outer)
      for (std::int64_t inner = 0; inner < self.inner_count(); ++inner) {
        const auto [n0, n1] = self.row_wave_numbers(outer, inner);
        visit(n0, n1, self.row(outer, inner));
      }
  }
  template <class Self, class Visit>
  static void for_modes(Self& self, Visit& visit) {
    self.for_each_row([&](std::int64_t n0, std::int64_t n1, auto row) {
      std::int64_t n2 = 0;
      for (auto& coefficient : row) {
        visit(n0, n1, n2, self.weight(n2), coefficient);
        ++n2;
      }
    });
  }

  SlabLayout layout_;
  AlignedArray<Complex> storage_;
};

extern template class SpectralField<float>;
extern template class SpectralField<double>;

}  // namespace phiscope
