#include "float_arena.hpp"

#include <sys/mman.h>

#include "phiscope/base/error.hpp"

namespace phiscope::neural {

void FloatArena::Unmap::operator()(float* place) const noexcept {
  munmap(place, bytes);
}

FloatArena::FloatArena(std::size_t size) : size_(size) {
  constexpr std::size_t huge_page = std::size_t{1} << 21U;
  if (size == 0) return;
  const std::size_t bytes = size * sizeof(float);
  void* const place = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) {
    fail("the network needs {:.1f} MiB of memory that the system does not give: use a smaller micro-batch",
         static_cast<double>(bytes) / 1048576.0);
  }
#ifdef MADV_HUGEPAGE
  if (bytes >= huge_page) madvise(place, bytes, MADV_HUGEPAGE);
#endif
  place_ = {static_cast<float*>(place), Unmap{bytes}};
}

}  // namespace phiscope::neural
