#include "row_pair.hpp"

#include <cstring>

namespace phiscope {
namespace {

/// Some neighbouring complex values in a vector register. GCC does not vectorise a loop that reads complex values
/// backwards, and this is a third of a plane's time otherwise.
template <class Real>
struct Several;

template <>
struct Several<float> {
  using Vector [[gnu::vector_size(32)]] = float;
  static constexpr std::int64_t count = 4;
  static Vector reversed(Vector v) noexcept { return __builtin_shufflevector(v, v, 6, 7, 4, 5, 2, 3, 0, 1); }
  static Vector swapped(Vector v) noexcept { return __builtin_shufflevector(v, v, 1, 0, 3, 2, 5, 4, 7, 6); }
  static Vector conjugate(Vector v) noexcept { return v * Vector{1, -1, 1, -1, 1, -1, 1, -1}; }
};

template <>
struct Several<double> {
  using Vector [[gnu::vector_size(32)]] = double;
  static constexpr std::int64_t count = 2;
  static Vector reversed(Vector v) noexcept { return __builtin_shufflevector(v, v, 2, 3, 0, 1); }
  static Vector swapped(Vector v) noexcept { return __builtin_shufflevector(v, v, 1, 0, 3, 2); }
  static Vector conjugate(Vector v) noexcept { return v * Vector{1, -1, 1, -1}; }
};

template <class Real>
typename Several<Real>::Vector load(const std::complex<Real>* from) noexcept {
  typename Several<Real>::Vector values;
  std::memcpy(&values, from, sizeof values);
  return values;
}

template <class Real>
void store(const typename Several<Real>::Vector& values, std::complex<Real>* to) noexcept {
  std::memcpy(static_cast<void*>(to), &values, sizeof values);
}

}  // namespace

template <class Real>
void split_pair(const std::complex<Real>* pair, std::int64_t n, std::complex<Real>* a, std::complex<Real>* b) noexcept {
  using V = Several<Real>;
  a[0] = Real{2} * pair[0].real();
  b[0] = Real{2} * pair[0].imag();
  const std::int64_t half = n / 2 + 1;
  std::int64_t k = 1;
  for (; k + V::count <= half; k += V::count) {
    const auto plus = load<Real>(pair + k);
    const auto minus = V::conjugate(V::reversed(load<Real>(pair + n - k - V::count + 1)));
    store<Real>(plus + minus, a + k);
    store<Real>(V::conjugate(V::swapped(plus - minus)), b + k);
  }
  for (; k < half; ++k) {
    const std::complex<Real> plus = pair[k], minus = std::conj(pair[n - k]), difference = plus - minus;
    a[k] = plus + minus;
    b[k] = {difference.imag(), -difference.real()};
  }
}

template <class Real>
void join_pair(const std::complex<Real>* a, const std::complex<Real>* b, Real factor, std::int64_t n,
               std::complex<Real>* pair) noexcept {
  using V = Several<Real>;
  pair[0] = {factor * a[0].real(), factor * b[0].real()};
  std::int64_t k = 1;
  for (; 2 * (k + V::count - 1) < n; k += V::count) {
    const auto even = factor * load<Real>(a + k), odd = factor * V::swapped(load<Real>(b + k));
    store<Real>(even - V::conjugate(odd), pair + k);
    store<Real>(V::reversed(V::conjugate(even) + odd), pair + n - k - V::count + 1);
  }
  for (; 2 * k < n; ++k) {
    const std::complex<Real> even = factor * a[k], odd(factor * b[k].imag(), factor * b[k].real());
    pair[k] = even - std::conj(odd);
    pair[n - k] = std::conj(even) + odd;
  }
  if (n % 2 == 0) pair[n / 2] = {factor * a[n / 2].real(), factor * b[n / 2].real()};
}

template void split_pair(const std::complex<float>*, std::int64_t, std::complex<float>*, std::complex<float>*) noexcept;
template void split_pair(const std::complex<double>*, std::int64_t, std::complex<double>*,
                         std::complex<double>*) noexcept;
template void join_pair(const std::complex<float>*, const std::complex<float>*, float, std::int64_t,
                        std::complex<float>*) noexcept;
template void join_pair(const std::complex<double>*, const std::complex<double>*, double, std::int64_t,
                        std::complex<double>*) noexcept;

}  // namespace phiscope
