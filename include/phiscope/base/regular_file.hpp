#pragma once
#include <cstdint>
#include <filesystem>

namespace phiscope {

/// Throws Error unless `file` is a regular file, or a link to one, that is: not missing, no folder, and none of the
/// things that opening may wait on for ever or read from without end (a named pipe, a device, a socket). To be asked
/// before any file is opened for reading. Returns its size in bytes.
std::uint64_t require_regular_file(const std::filesystem::path& file);

/// The same for a file that may not exist yet and will be written or added to: only what is there and is not regular
/// is refused.
void require_regular_or_absent(const std::filesystem::path& file);

}  // namespace phiscope
