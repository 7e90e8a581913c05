#pragma once
#include <complex>
#include <cstdint>

#include "fftw.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// The complex transform of n values that lie one after the other, in place, not normalised: all that our own
/// engines need of FFTW. The Debian build's transforms along a stride take twice as long, and its r2c rows as long as
/// two real rows packed into one complex line. Line m of a block begins at m × pitch(). Real is float or double. May be
/// used from several threads at once.
template <class Real>
class LineTransform {
 public:
  using Complex = std::complex<Real>;

  /// Collective over the team; see FourierTransform for the arguments.
  LineTransform(std::int64_t n, const Communicator& team, Planning planning, const std::filesystem::path& folder);

  std::int64_t n() const noexcept { return n_; }
  /// Complex values from one line to the next: whole cache lines, but not as many as lie in one cache way, which
  /// would put one place of all lines into the same few sets.
  std::int64_t pitch() const noexcept { return pitch_; }

  /// exp(−2πi…) and exp(+2πi…) over `count` lines of a block on a 64-byte boundary.
  void forward(Complex* lines, std::int64_t count) const { execute(lines, count, *forward_block_, *forward_line_); }
  void backward(Complex* lines, std::int64_t count) const { execute(lines, count, *backward_block_, *backward_line_); }

 private:
  using Plan = typename Fftw<Real>::Plan;
  /// Lines that one plan transforms together: 0.22 µs for each of 256 single-precision values, 0.32 µs one by one.
  static constexpr std::int64_t block = 8;

  void make_plans(Planning planning);
  void execute(Complex* lines, std::int64_t count, const Plan& together, const Plan& one) const;

  std::int64_t n_;
  std::int64_t pitch_;
  FftwPlan<Real> forward_block_, backward_block_, forward_line_, backward_line_;
};

extern template class LineTransform<float>;
extern template class LineTransform<double>;

}  // namespace phiscope
