#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "phiscope/base/error.hpp"
#include "phiscope/io/hdf5_reader.hpp"

namespace phiscope {

/// A file of ours that does not hold what was written. Who has what it was made from makes it anew; who has not, says
/// what to do.
class DamagedFile : public Error {
 public:
  using Error::Error;
};

/// CRC-32, as zlib and Python's zlib.crc32 compute it; 0 is that of no bytes.
std::uint32_t extend_crc32(std::uint32_t before, const void* bytes, std::size_t count) noexcept;
std::uint32_t crc32_of(std::string_view bytes) noexcept;
/// Eight hexadecimal digits.
std::string crc32_text(std::uint32_t checksum);

/// How each HDF5 file of ours ends: "phiscope crc32 0123abcd\n", the checksum of all bytes before these 24. They lie
/// behind what HDF5 calls the end of the file, so that other programs read it as if they were not there; one that
/// changes the file cuts them off.
std::string checksum_line(std::uint32_t checksum);

/// The checksum that the file ends with, without a look at the rest. Throws Error when the file cannot be read.
std::optional<std::uint32_t> stored_checksum(const std::filesystem::path& file);

/// Reads the whole file and returns its checksum. Throws DamagedFile when it does not end with it; Error when the file
/// is missing or unreadable.
std::uint32_t verify_checksum(const std::filesystem::path& file);

/// Opens an HDF5 file of ours once its checksum is verified; errors as verify_checksum().
Hdf5Reader open_result(const std::filesystem::path& file);

}  // namespace phiscope
