#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace phiscope {

/// Bytes that the programs of this machine may still allocate together: what the system says is available, swap
/// included, or the control group's limit where that is less. Nothing where neither can be read.
std::optional<std::uint64_t> available_memory();

/// Bytes that this process may still allocate of the address space that it was given (ulimit -v); nothing where there
/// is no limit.
std::optional<std::uint64_t> address_space_left();

/// "12.3 GiB".
std::string memory_text(double bytes);

}  // namespace phiscope
