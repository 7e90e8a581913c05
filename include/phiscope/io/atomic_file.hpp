#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace phiscope {

/// Puts `bytes` at `path`, whole or not at all (see PendingFile); an older file stays until the new one is on disk.
/// The folder must exist. Throws Error naming the path.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// The most that a file of text is expected to hold; far more than any but a record of very many epochs.
constexpr std::uint64_t most_text_bytes = std::uint64_t{64} << 20U;

/// The bytes of a file. Throws Error when it is missing, no regular file, unreadable, or longer than `most` bytes.
std::string read_text_file(const std::filesystem::path& path, std::uint64_t most = most_text_bytes);

}  // namespace phiscope
