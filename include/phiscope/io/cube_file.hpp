#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace phiscope {

/// Which cube of a file that holds many in one array, counted from 0: `item` of a stack of simulations, `channel` of
/// several fields of one, or the component of a vector or tensor. Nothing is chosen where the array is a cube itself.
struct CubeChoice {
  std::optional<std::int64_t> item, channel;
};

/// Where a cube lies in the array of a file.
struct CubePlace {
  /// Of the whole array; where each cell of an HDF5 dataset holds an array of components, their number comes last.
  std::vector<std::uint64_t> shape;
  std::size_t axis = 0;              ///< of the array, which is the cube's first (iz); iy and ix follow
  std::vector<std::uint64_t> start;  ///< the choice along every other axis; 0 along the cube's
};

/// What the header of a cube file says: one field of N×N×N values, `data[iz, iy, ix]`.
struct CubeInfo {
  std::filesystem::path file;
  std::string dataset;      ///< its name in an HDF5 file; "" in a .npy file
  std::int64_t n = 0;       ///< values along an axis
  int bytes_per_value = 0;  ///< in the file: 1 to 8
  /// How the values are stored: of HDF5 as hdf5_layout_name() says, of .npy "contiguous" or "Fortran order".
  std::string layout;
  std::int64_t data_offset = 0;  ///< bytes before the first value of the array in a .npy file; 0 in an HDF5 file
  std::string type;              ///< in the file: "float16" to "float64", "int8" to "uint64"
  bool is_big_endian = false;    ///< of a .npy file; HDF5 sees to it itself
  CubePlace place;
  bool has_array_cells = false;  ///< of HDF5: the last axis of place.shape belongs to the type of a cell

  /// Whether single planes can be read at no more cost than all of them.
  bool has_separate_planes() const { return layout == "contiguous"; }
};

/// Opens a cube and checks, without reading its values, that it is three-dimensional, cubic, of floating-point numbers
/// or integers, and that the file holds all of it. Takes HDF5 (every layout, see require_all_written()) and NumPy's
/// `.npy` (versions 1-3, C or Fortran order, either byte order), and of an array of many cubes the one chosen (see
/// place_cube()). The components of a vector or tensor, as LATfield2 stores them, are chosen by `choice.channel`: of
/// cells that hold arrays, or of datasets of their own, `data_000` or `data_0`, where there is no `data`. Throws Error
/// that names the file, what was found and what was expected.
CubeInfo inspect_cube(const std::filesystem::path& file, const std::string& dataset = "data",
                      const CubeChoice& choice = {});

/// Whether a file is NumPy's, by its name: .npy, in capitals or not.
bool is_npy_file(const std::filesystem::path& file);

/// Reads `count` planes of the first axis (iz), from `first` on, into out[(iz - first), iy, ix] (count·n·n values),
/// by this process alone, and nothing of other items of a stack where these lie apart. Throws Error when a value is
/// not finite, or is in the file but does not fit into Real: how many, where the first is, and what it is.
/// Safe to call from several threads.
template <class Real>
void read_planes(const CubeInfo& cube, std::int64_t first, std::int64_t count, std::span<Real> out);

/// The same without the check of the values, for who counts them himself.
template <class Real>
void read_planes_unchecked(const CubeInfo& cube, std::int64_t first, std::int64_t count, std::span<Real> out);

}  // namespace phiscope
