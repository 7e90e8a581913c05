#pragma once
#include <array>
#include <filesystem>
#include <vector>

namespace phiscope {

/// The sides of triangles (h/Mpc) from a CSV file: a header line that names the columns k1, k2 and k3 (others are
/// passed over), one triangle per line; lines that begin with # are comments. Throws Error with file and line when the
/// header lacks a column, or a side is not a positive number.
std::vector<std::array<double, 3>> read_triangle_file(const std::filesystem::path& file);

}  // namespace phiscope
