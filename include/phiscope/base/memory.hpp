#pragma once
#include <cstdint>
#include <string>

#include "phiscope/base/error.hpp"

namespace phiscope {

/// More memory was asked for than there is. The message says how much, for what, and what is left.
class OutOfMemory : public Error {
 public:
  using Error::Error;
};

/// What a process may still take, and which of the limits is the nearest: "this machine has 3.1 GiB left".
struct MemoryLeft {
  std::uint64_t bytes;
  std::string limit;
};

/// For all programs of this machine together: the less of what it has free or can free (Linux: MemAvailable and
/// SwapFree) and of what the batch job's control groups leave. Unlimited where the system tells nothing.
MemoryLeft memory_of_node();

/// The least of that and of what is left of this process's address space (`ulimit -v`) and data segment (`ulimit -d`).
MemoryLeft memory_left();

/// Throws OutOfMemory, "{purpose} takes 8.0 GiB of memory, but {limit}; {advice}", when `bytes` are more than
/// memory_left(). Asked before a large piece is taken: a system that promises more than it has ends the program instead
/// of refusing. `advice` says what to do; may be empty.
void require_memory(std::uint64_t bytes, const std::string& purpose, const std::string& advice);

/// For memory that was refused without such a question. `bytes` 0: it is not known how much was asked for.
std::string out_of_memory_message(std::uint64_t bytes);

/// Kept by the program's own operator new for the message: the bytes of the last request on this thread that failed.
void note_failed_request(std::uint64_t bytes) noexcept;
std::uint64_t last_failed_request() noexcept;

/// "12.3 MiB".
std::string bytes_text(double bytes);

}  // namespace phiscope
