#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "phiscope/io/cube_file.hpp"

namespace phiscope {

/// Finds the cube in an array of `shape`: N×N×N itself; of a stack, items×N×N×N or channels×N×N×N, one along the first
/// axis; of N×N×N×channels one along the last; of items×channels×N×N×N and items×N×N×N×channels one of each. Throws
/// Error that starts with `file` and `what` ("dataset 'data'") when the array is none of these, or the choice is
/// missing, without meaning here, or beyond the array.
CubePlace place_cube(const std::filesystem::path& file, const std::string& what,
                     const std::vector<std::uint64_t>& shape, const CubeChoice& choice);

}  // namespace phiscope
