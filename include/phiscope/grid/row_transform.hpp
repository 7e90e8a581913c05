#pragma once
#include <complex>
#include <cstdint>
#include <memory>

namespace phiscope {

/// The backward transform φ(x) = Σ_n φ(n) exp(+2πi n x/M) of one row of M contiguous complex values, without a
/// factor: for those who transform a cube column by column because most of its columns are zero. FFTW's algorithm is
/// estimated, so that bytes repeat. Real is float or double.
template <class Real>
class RowTransform {
 public:
  /// Never from two threads at once (FFTW's planner is global).
  explicit RowTransform(std::int64_t length);
  ~RowTransform();
  RowTransform(RowTransform&&) noexcept;
  RowTransform& operator=(RowTransform&&) noexcept;
  RowTransform(const RowTransform&) = delete;
  RowTransform& operator=(const RowTransform&) = delete;

  std::int64_t length() const noexcept { return length_; }

  /// Transforms the row at `from` into the one at `to`, another place (in one place FFTW would allocate memory for
  /// each row, and take twice as long); `from` is left as it is. Both are on 16-byte boundaries where `length` is even.
  /// Callable from several threads.
  void backward(const std::complex<Real>* from, std::complex<Real>* to) const;

 private:
  struct Plan;
  std::int64_t length_;
  std::unique_ptr<Plan> plan_;
};

extern template class RowTransform<float>;
extern template class RowTransform<double>;

}  // namespace phiscope
