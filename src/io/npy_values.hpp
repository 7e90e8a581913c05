#pragma once
#include <cstdint>
#include <span>

#include "phiscope/io/cube_file.hpp"

namespace phiscope {

/// The planes of a cube in a `.npy` file, converted to Real; see read_planes_unchecked().
template <class Real>
void read_npy_planes(const CubeInfo& cube, std::int64_t first, std::int64_t count, std::span<Real> out);

}  // namespace phiscope
