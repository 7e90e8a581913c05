#pragma once
#include <bit>
#include <cstdint>
#ifdef __AVX512BF16__
#include <immintrin.h>
#endif

#include "lanes.hpp"
#include "phiscope/neural/precision.hpp"

namespace phiscope::neural {

/// The upper 16 bits of a float: its range, with 8 significant bits.
enum class Bfloat16 : std::uint16_t {};

/// Block integers of 16 or 32 bits.
template <int Block>
struct BitsOf {
  typedef std::uint16_t halves
      __attribute__((vector_size(Block * sizeof(std::uint16_t)), may_alias, aligned(Block * sizeof(std::uint16_t))));
  typedef std::uint32_t words
      __attribute__((vector_size(Block * sizeof(std::uint32_t)), may_alias, aligned(Block * sizeof(std::uint32_t))));
};

inline float as_float(float value) {
  return value;
}
inline float as_float(Bfloat16 value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16U);
}

/// The channels of one block as they are computed with, from where a tensor stores them.
template <int Block>
Lanes<Block> load_lanes(const float* place) {
  return lanes<Block>(place);
}
template <int Block>
Lanes<Block> load_lanes(const Bfloat16* place) {
  using Halves = typename BitsOf<Block>::halves;
  using Words = typename BitsOf<Block>::words;
  const Words bits = __builtin_convertvector(*reinterpret_cast<const Halves*>(place), Words) << 16U;
  return __builtin_bit_cast(Lanes<Block>, bits);
}

template <int Block>
void store_lanes(float* place, const Lanes<Block>& values) {
  lanes<Block>(place) = values;
}
/// Rounds to nearest, ties to even. What is not a number stays so. The processor's own instruction, where it has one,
/// takes numbers below the smallest normal one for zero.
template <int Block>
void store_lanes(Bfloat16* place, const Lanes<Block>& values) {
  using Halves = typename BitsOf<Block>::halves;
  using Words = typename BitsOf<Block>::words;
#ifdef __AVX512BF16__
  if constexpr (Block == 16) {
    const __m256bh rounded = _mm512_cvtneps_pbh(__builtin_bit_cast(__m512, values));
    *reinterpret_cast<Halves*>(place) = __builtin_bit_cast(Halves, rounded);
    return;
  }
#endif
  const Words bits = __builtin_bit_cast(Words, values);
  const Words rounded = bits + 0x7FFFU + ((bits >> 16U) & 1U);
  const Words kept = values == values ? rounded : bits | 0x00400000U;
  *reinterpret_cast<Halves*>(place) = __builtin_convertvector(kept >> 16U, Halves);
}

/// Calls `work` with the memory of a tensor as what it holds, Bfloat16 or float.
template <class Work>
void with_values(Precision precision, float* memory, Work&& work) {
  if (precision == Precision::bfloat16) {
    work(reinterpret_cast<Bfloat16*>(memory));
  } else {
    work(memory);
  }
}
template <class Work>
void with_values(Precision precision, const float* memory, Work&& work) {
  if (precision == Precision::bfloat16) {
    work(reinterpret_cast<const Bfloat16*>(memory));
  } else {
    work(memory);
  }
}

}  // namespace phiscope::neural
