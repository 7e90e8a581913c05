#pragma once
#include <complex>
#include <cstdint>

namespace phiscope {

/// to[c * to_stride + r] = from[r * from_stride + c] for r < rows and c < columns; strides in complex values.
/// In tiles, so that neither side walks through memory line by line.
template <class Real>
void transpose(const std::complex<Real>* from, std::int64_t from_stride, std::complex<Real>* to, std::int64_t to_stride,
               std::int64_t rows, std::int64_t columns) noexcept;

/// The same, with `to` written in runs as long as can be, from a copy in the first-level cache: for memory that the
/// cache does not hold, which the processor otherwise reads before it writes it piece by piece.
template <class Real>
void transpose_in_runs(const std::complex<Real>* from, std::int64_t from_stride, std::complex<Real>* to,
                       std::int64_t to_stride, std::int64_t rows, std::int64_t columns);

extern template void transpose(const std::complex<float>*, std::int64_t, std::complex<float>*, std::int64_t,
                               std::int64_t, std::int64_t) noexcept;
extern template void transpose(const std::complex<double>*, std::int64_t, std::complex<double>*, std::int64_t,
                               std::int64_t, std::int64_t) noexcept;
extern template void transpose_in_runs(const std::complex<float>*, std::int64_t, std::complex<float>*, std::int64_t,
                                       std::int64_t, std::int64_t);
extern template void transpose_in_runs(const std::complex<double>*, std::int64_t, std::complex<double>*, std::int64_t,
                                       std::int64_t, std::int64_t);

}  // namespace phiscope
