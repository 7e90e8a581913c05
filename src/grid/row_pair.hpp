#pragma once
#include <complex>
#include <cstdint>

namespace phiscope {

/// Takes the transform Z of z = (a + ib)/2, where a and b are real rows of n values, apart into the n/2 + 1
/// coefficients of each: A(k) = Z(k) + Z*(−k), B(k) = −i (Z(k) − Z*(−k)).
template <class Real>
void split_pair(const std::complex<Real>* pair, std::int64_t n, std::complex<Real>* a, std::complex<Real>* b) noexcept;

/// The way back: Z(k) = factor (A(k) + iB(k)) for all n values of k. Real rows have real coefficients at 0 and at the
/// Nyquist frequency: imaginary parts that stand there count for nothing.
template <class Real>
void join_pair(const std::complex<Real>* a, const std::complex<Real>* b, Real factor, std::int64_t n,
               std::complex<Real>* pair) noexcept;

extern template void split_pair(const std::complex<float>*, std::int64_t, std::complex<float>*,
                                std::complex<float>*) noexcept;
extern template void split_pair(const std::complex<double>*, std::int64_t, std::complex<double>*,
                                std::complex<double>*) noexcept;
extern template void join_pair(const std::complex<float>*, const std::complex<float>*, float, std::int64_t,
                               std::complex<float>*) noexcept;
extern template void join_pair(const std::complex<double>*, const std::complex<double>*, double, std::int64_t,
                               std::complex<double>*) noexcept;

}  // namespace phiscope
