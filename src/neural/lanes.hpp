#pragma once
#include <cstdint>
#include <type_traits>
#include <utility>

#include "phiscope/base/error.hpp"

namespace phiscope::neural {

/// The channels of one block, as one vector register (or two) of the machine.
template <int Block>
struct LanesOf {
  typedef float type __attribute__((vector_size(Block * sizeof(float)), may_alias, aligned(Block * sizeof(float))));
};
template <int Block>
using Lanes = typename LanesOf<Block>::type;

/// Block integers, what comparisons of Lanes give.
template <int Block>
struct IndexLanesOf {
  typedef std::int32_t type
      __attribute__((vector_size(Block * sizeof(float)), may_alias, aligned(Block * sizeof(float))));
};
template <int Block>
using IndexLanes = typename IndexLanesOf<Block>::type;

template <int Block>
const Lanes<Block>& lanes(const float* place) {
  return *reinterpret_cast<const Lanes<Block>*>(place);
}
template <int Block>
Lanes<Block>& lanes(float* place) {
  return *reinterpret_cast<Lanes<Block>*>(place);
}
template <int Block>
const IndexLanes<Block>& lanes(const std::int32_t* place) {
  return *reinterpret_cast<const IndexLanes<Block>*>(place);
}
template <int Block>
IndexLanes<Block>& lanes(std::int32_t* place) {
  return *reinterpret_cast<IndexLanes<Block>*>(place);
}

/// The same from a place that need not be aligned.
template <int Block>
Lanes<Block> lanes_from(const float* place) {
  Lanes<Block> result = {};
  for (int c = 0; c < Block; ++c) result[c] = place[c];
  return result;
}

/// Calls `work` with std::integral_constant<int, block>, so that it can be compiled for each block size.
template <class Work>
void with_block(std::int64_t block, Work&& work) {
  switch (block) {
    case 1:
      return std::forward<Work>(work)(std::integral_constant<int, 1>{});
    case 8:
      return std::forward<Work>(work)(std::integral_constant<int, 8>{});
    case 16:
      return std::forward<Work>(work)(std::integral_constant<int, 16>{});
    default:
      fail("no kernels for channels in blocks of {}", block);
  }
}

}  // namespace phiscope::neural
