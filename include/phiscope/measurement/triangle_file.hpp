#pragma once
#include <array>
#include <filesystem>
#include <vector>

#include "phiscope/grid/grid_shape.hpp"

namespace phiscope {

/// The sides of triangles (h/Mpc) from a CSV file: a header line that names the columns k1, k2 and k3 (others are
/// passed over), one triangle per line; lines that begin with # are comments, and a
/// byte order mark is passed over. Where there is a column theta, the angle
/// (radians) between the vectors k1 and k2, k3 is worked out from it and need not be there.
///
/// A side within 1e-11 (relative) of a multiple of the fundamental k_F of `shape` is that multiple: a text has lost the
/// last digits, and which modes are in a shell whose edge is an integer depends on them.
///
/// Throws Error with file and line when the header lacks a column, or a side is not a positive number.
std::vector<std::array<double, 3>> read_triangle_file(const std::filesystem::path& file, const GridShape& shape);

}  // namespace phiscope
