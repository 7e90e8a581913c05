#include "transpose.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include "phiscope/grid/aligned_array.hpp"

namespace phiscope {
namespace {

constexpr std::int64_t tile = 8;

/// A tile of known size: the compiler keeps it in registers.
template <class Real>
void transpose_tile(const std::complex<Real>* from, std::int64_t from_stride, std::complex<Real>* to,
                    std::int64_t to_stride) noexcept {
  for (std::int64_t c = 0; c < tile; ++c)
    for (std::int64_t r = 0; r < tile; ++r) to[c * to_stride + r] = from[r * from_stride + c];
}

/// Single-precision values are moved as 64-bit words, 4 × 4 at a time in vector registers.
void transpose_tile(const std::complex<float>* from, std::int64_t from_stride, std::complex<float>* to,
                    std::int64_t to_stride) noexcept {
  using Words [[gnu::vector_size(32)]] = std::uint64_t;
  for (std::int64_t r = 0; r < tile; r += 4)
    for (std::int64_t c = 0; c < tile; c += 4) {
      std::array<Words, 4> row;
      for (std::size_t i = 0; i < 4; ++i)
        std::memcpy(&row[i], from + (r + static_cast<std::int64_t>(i)) * from_stride + c, sizeof(Words));
      const Words low01 = __builtin_shufflevector(row[0], row[1], 0, 4, 2, 6);
      const Words high01 = __builtin_shufflevector(row[0], row[1], 1, 5, 3, 7);
      const Words low23 = __builtin_shufflevector(row[2], row[3], 0, 4, 2, 6);
      const Words high23 = __builtin_shufflevector(row[2], row[3], 1, 5, 3, 7);
      const std::array<Words, 4> column{
          __builtin_shufflevector(low01, low23, 0, 1, 4, 5), __builtin_shufflevector(high01, high23, 0, 1, 4, 5),
          __builtin_shufflevector(low01, low23, 2, 3, 6, 7), __builtin_shufflevector(high01, high23, 2, 3, 6, 7)};
      for (std::size_t i = 0; i < 4; ++i)
        std::memcpy(static_cast<void*>(to + (c + static_cast<std::int64_t>(i)) * to_stride + r), &column[i],
                    sizeof(Words));
    }
}

/// The tile, or what is left of it at an edge, whose corner is row r and column c.
template <class Real>
void transpose_at(const std::complex<Real>* from, std::int64_t from_stride, std::complex<Real>* to,
                  std::int64_t to_stride, std::int64_t high, std::int64_t wide) noexcept {
  if (high == tile && wide == tile) {
    transpose_tile(from, from_stride, to, to_stride);
    return;
  }
  for (std::int64_t i = 0; i < high; ++i)
    for (std::int64_t j = 0; j < wide; ++j) to[j * to_stride + i] = from[i * from_stride + j];
}

}  // namespace

template <class Real>
void transpose(const std::complex<Real>* from, std::int64_t from_stride, std::complex<Real>* to, std::int64_t to_stride,
               std::int64_t rows, std::int64_t columns) noexcept {
  const auto move = [=](std::int64_t r, std::int64_t c) {
    transpose_at(from + r * from_stride + c, from_stride, to + c * to_stride + r, to_stride, std::min(tile, rows - r),
                 std::min(tile, columns - c));
  };
  // The side with the longer stride is walked once: each of its steps is another page of memory.
  if (from_stride >= to_stride) {
    for (std::int64_t r = 0; r < rows; r += tile)
      for (std::int64_t c = 0; c < columns; c += tile) move(r, c);
  } else {
    for (std::int64_t c = 0; c < columns; c += tile)
      for (std::int64_t r = 0; r < rows; r += tile) move(r, c);
  }
}

template <class Real>
void transpose_in_runs(const std::complex<Real>* from, std::int64_t from_stride, std::complex<Real>* to,
                       std::int64_t to_stride, std::int64_t rows, std::int64_t columns) {
  using Complex = std::complex<Real>;
  constexpr std::int64_t size = (std::int64_t{32} << 10) / sizeof(Complex);
  auto runs = AlignedArray<Complex>::uninitialised(static_cast<std::size_t>(size));
  const std::int64_t length = std::min(rows, size / tile),
                     high = size / std::max<std::int64_t>(length, 1) / tile * tile;
  for (std::int64_t r = 0; r < rows; r += length)
    for (std::int64_t c = 0; c < columns; c += high) {
      const std::int64_t run = std::min(length, rows - r), count = std::min(high, columns - c);
      transpose(from + r * from_stride + c, from_stride, runs.data(), run, run, count);
      Complex* place = to + c * to_stride + r;
      if (run == to_stride)
        std::copy_n(runs.data(), run * count, place);
      else
        for (std::int64_t i = 0; i < count; ++i) std::copy_n(runs.data() + i * run, run, place + i * to_stride);
    }
}

template void transpose(const std::complex<float>*, std::int64_t, std::complex<float>*, std::int64_t, std::int64_t,
                        std::int64_t) noexcept;
template void transpose(const std::complex<double>*, std::int64_t, std::complex<double>*, std::int64_t, std::int64_t,
                        std::int64_t) noexcept;
template void transpose_in_runs(const std::complex<float>*, std::int64_t, std::complex<float>*, std::int64_t,
                                std::int64_t, std::int64_t);
template void transpose_in_runs(const std::complex<double>*, std::int64_t, std::complex<double>*, std::int64_t,
                                std::int64_t, std::int64_t);

}  // namespace phiscope
