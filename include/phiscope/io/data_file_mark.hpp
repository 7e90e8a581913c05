#pragma once
#include <filesystem>
#include <string>

namespace phiscope {

/// What a file holds, in short: "SIZE bytes, mark 0123456789abcdef". The mark is of all bytes up to 16 MiB, of larger
/// files of 64 pieces of 4 KiB from the first to the last, evenly apart: another simulation differs in all of them; a
/// change of a few values between them is not noticed. Neither name nor time count. Throws Error when it cannot be
/// read.
std::string data_file_mark(const std::filesystem::path& file);

}  // namespace phiscope
