#pragma once
#include <complex>
#include <cstdint>

#include "line_transform.hpp"
#include "phiscope/grid/aligned_array.hpp"

namespace phiscope {

/// The transform of one real plane of n × n values to n × (n/2 + 1) coefficients and back, not normalised. Two real
/// rows make one complex line, whose transform holds both (see row_pair.hpp). Real is float or double. May be used from
/// several threads at once.
template <class Real>
class PlaneTransform {
 public:
  using Complex = std::complex<Real>;

  explicit PlaneTransform(const LineTransform<Real>& lines) : lines_(lines), half_(lines.n() / 2 + 1) {}

  /// The coefficients of one plane while it is worked on, column by column: its size fits a second-level cache.
  class Workspace {
   public:
    explicit Workspace(const PlaneTransform& transform);

   private:
    friend class PlaneTransform;
    AlignedArray<Complex> columns_, pairs_, rows_;
  };

  /// Transforms n rows of n real values, `stride` values from one to the next.
  void forward(const Real* rows, std::int64_t stride, Workspace& work) const;
  /// Copies rows first … first + count − 1 of the coefficients to (from) rows of n/2 + 1 values without padding.
  void store(const Workspace& work, std::int64_t first, std::int64_t count, Complex* rows) const;
  void load(Workspace& work, std::int64_t first, std::int64_t count, const Complex* rows) const;
  /// Transforms back to n rows of n real values, times `factor`. Uses up the coefficients.
  void inverse(Workspace& work, Real factor, Real* rows, std::int64_t stride) const;

 private:
  /// Rows worked on together, two to a line.
  static constexpr std::int64_t block = 16;

  const LineTransform<Real>& lines_;
  std::int64_t half_;
};

extern template class PlaneTransform<float>;
extern template class PlaneTransform<double>;

}  // namespace phiscope
