#include "float_arena.hpp"

#include <sys/mman.h>

#include "phiscope/base/memory.hpp"

namespace phiscope::neural {

void FloatArena::Unmap::operator()(float* place) const noexcept {
  munmap(place, bytes);
}

FloatArena::FloatArena(std::size_t size) : size_(size) {
  constexpr std::size_t huge_page = std::size_t{1} << 21U;
  if (size == 0) return;
  const std::size_t bytes = size * sizeof(float);
  constexpr std::size_t large = std::size_t{256} << 20U;
  if (bytes >= large) require_memory(bytes, "an array of a network or of its optimiser", "take a smaller network");
  void* const place = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) {
    throw OutOfMemory(out_of_memory_message(bytes) + "; take a smaller micro-batch");
  }
#ifdef MADV_HUGEPAGE
  if (bytes >= huge_page) madvise(place, bytes, MADV_HUGEPAGE);
#endif
  place_ = {static_cast<float*>(place), Unmap{bytes}};
}

}  // namespace phiscope::neural
