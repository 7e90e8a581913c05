#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace phiscope::neural {

/// What one thread works on at a time. The bounds are fixed, so that where a vector loop ends and its remainder
/// begins, and with it every last bit, does not depend on the number of threads.
inline constexpr std::size_t arena_chunk = 16384;

/// Calls `work(begin, end)` for all chunks of an arena of `size` values, in all threads.
template <class Work>
void for_each_chunk(std::size_t size, const Work& work) {
  const auto chunks = static_cast<std::int64_t>((size + arena_chunk - 1) / arena_chunk);
#pragma omp parallel for schedule(static)
  for (std::int64_t chunk = 0; chunk < chunks; ++chunk) {
    const std::size_t begin = static_cast<std::size_t>(chunk) * arena_chunk;
    work(begin, std::min(begin + arena_chunk, size));
  }
}

}  // namespace phiscope::neural
