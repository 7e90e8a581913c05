#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace phiscope {

/// What the header of a cube file says: one field of N×N×N values, `data[iz, iy, ix]`.
struct CubeInfo {
  std::filesystem::path file;
  std::string dataset;           ///< its name in an HDF5 file; "" in a .npy file
  std::int64_t n = 0;            ///< values along an axis
  int bytes_per_value = 0;       ///< 4 (float32) or 8 (float64)
  std::string layout;            ///< "contiguous" or "chunked"
  std::int64_t data_offset = 0;  ///< bytes before the first value in a .npy file; 0 in an HDF5 file
};

/// Opens a cube and checks, without reading its values, that it is three-dimensional, cubic, float32 or float64, and
/// that the file holds all of it. Takes HDF5 (contiguous or chunked) and NumPy's `.npy` (versions 1-3, C order).
/// Throws Error that names the file, what was found and what was expected.
CubeInfo inspect_cube(const std::filesystem::path& file, const std::string& dataset = "data");

/// Reads `count` planes of the first axis (iz), from `first` on, into out[(iz - first), iy, ix] (count·n·n values),
/// by this process alone. Throws Error when a value is not finite: how many, where the first is, and what it is.
/// Safe to call from several threads.
template <class Real>
void read_planes(const CubeInfo& cube, std::int64_t first, std::int64_t count, std::span<Real> out);

/// The same without the check of the values, for who counts them himself.
template <class Real>
void read_planes_unchecked(const CubeInfo& cube, std::int64_t first, std::int64_t count, std::span<Real> out);

}  // namespace phiscope
