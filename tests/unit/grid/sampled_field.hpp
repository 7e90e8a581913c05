#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>

#include "phiscope/grid/field.hpp"
#include "phiscope/grid/slab_layout.hpp"

namespace phiscope::test {

/// The field with value(i, j, k) in each cell; i counts over the whole cube, whatever this rank holds.
template <class Real, class Value>
Field<Real> sampled_field(const SlabLayout& layout, Value&& value) {
  Field<Real> field(layout);
  const std::int64_t n = layout.shape().n;
  for (std::int64_t i = 0; i < layout.planes(); ++i)
    for (std::int64_t j = 0; j < n; ++j)
      for (std::int64_t k = 0; k < n; ++k)
        field.row(i, j)[static_cast<std::size_t>(k)] = static_cast<Real>(value(layout.first_plane() + i, j, k));
  return field;
}

/// The phase 2π (a i + b j + c k) / n of a plane wave.
inline auto phase_of(std::int64_t n, std::int64_t a, std::int64_t b, std::int64_t c) {
  return [=](std::int64_t i, std::int64_t j, std::int64_t k) {
    return 2.0 * std::numbers::pi * static_cast<double>((a * i + b * j + c * k) % n) / static_cast<double>(n);
  };
}

/// Numbers in [−1, 1) without any pattern, the same for a cell whoever holds it.
inline double scrambled(std::int64_t i, std::int64_t j, std::int64_t k) {
  std::uint64_t bits = static_cast<std::uint64_t>(i * 73856093 ^ j * 19349663 ^ k * 83492791) + 0x9e3779b97f4a7c15ULL;
  bits = (bits ^ (bits >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  bits = (bits ^ (bits >> 27U)) * 0x94d049bb133111ebULL;
  bits ^= bits >> 31U;
  return static_cast<double>(bits >> 11U) * 0x1.0p-52 - 1.0;
}

}  // namespace phiscope::test
