// The program's own operator new: as that of the library, but it remembers how much was refused, for the message
// (std::bad_alloc does not say). Not under a sanitizer, which has its own.
#include <cstdlib>
#include <new>

#include "phiscope/base/memory.hpp"

#if !defined(__SANITIZE_ADDRESS__)

void* operator new(std::size_t bytes) {
  if (void* memory = std::malloc(bytes > 0 ? bytes : 1)) return memory;
  phiscope::note_failed_request(bytes);
  throw std::bad_alloc();
}

void operator delete(void* memory) noexcept {
  std::free(memory);
}

void operator delete(void* memory, std::size_t /*bytes*/) noexcept {
  std::free(memory);
}

#endif
