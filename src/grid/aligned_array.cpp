#include "phiscope/grid/aligned_array.hpp"

#include <sys/mman.h>

#include "phiscope/base/memory.hpp"

namespace phiscope {
namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20U;

/// Memory of several huge pages begins on one.
std::align_val_t alignment_of(std::size_t bytes) noexcept {
  return std::align_val_t{bytes >= 2 * huge_page ? huge_page : std::size_t{64}};
}

}  // namespace

void* allocate_aligned(std::size_t bytes) {
  // A look at what the system has left costs some 50 µs: nothing beside the filling of so much.
  constexpr std::size_t large = std::size_t{256} << 20U;
  if (bytes >= large)
    require_memory(bytes, "an array of a field, its transform or its sums",
                   "use more ranks for a cube (mpirun -n, measure.ranks_per_cube), on more nodes, or single precision");
  void* memory = ::operator new(bytes, alignment_of(bytes), std::nothrow);
  if (memory == nullptr) throw OutOfMemory(out_of_memory_message(bytes));
  // Fresh memory costs a fault for each page: 32 ms for a cube of 256³ in single precision with pages of 4 kB, half
  // as long as its transform. Where the system has no huge pages nothing changes.
  if (bytes >= 2 * huge_page) madvise(memory, bytes, MADV_HUGEPAGE);
  return memory;
}

void free_aligned(void* memory, std::size_t bytes) noexcept {
  ::operator delete(memory, alignment_of(bytes));
}

}  // namespace phiscope
