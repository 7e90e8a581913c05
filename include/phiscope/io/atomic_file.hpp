#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace phiscope {

/// Puts `bytes` at `path`, whole or not at all (see PendingFile); an older file stays until the new one is on disk.
/// The folder must exist. Throws Error naming the path.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

/// The bytes of a file. Throws Error when it is missing or unreadable.
std::string read_text_file(const std::filesystem::path& path);

}  // namespace phiscope
