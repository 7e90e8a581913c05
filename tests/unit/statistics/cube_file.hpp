#pragma once
#include <gtest/gtest.h>
#include <hdf5.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "phiscope/grid/field.hpp"

namespace phiscope::test {

inline std::filesystem::path data_directory() {
  return std::filesystem::path(PHISCOPE_SOURCE_DIR) / "tests" / "data";
}

/// All n³ values of dataset `data`, by HDF5's own calls: these tests stand below the room that reads cubes.
inline std::vector<double> read_cube(const std::filesystem::path& path, std::int64_t n) {
  std::vector<double> values(static_cast<std::size_t>(n * n * n));
  const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  EXPECT_GE(file, 0) << path;
  const hid_t dataset = H5Dopen2(file, "data", H5P_DEFAULT);
  const hid_t space = H5Dget_space(dataset);
  EXPECT_EQ(H5Sget_simple_extent_npoints(space), n * n * n) << path;
  EXPECT_GE(H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0) << path;
  H5Sclose(space);
  H5Dclose(dataset);
  H5Fclose(file);
  return values;
}

/// This rank's planes of the cube in `path`.
template <class Real>
Field<Real> read_field(const std::filesystem::path& path, const SlabLayout& layout) {
  const std::int64_t n = layout.shape().n;
  const std::vector<double> cube = read_cube(path, n);
  Field<Real> field(layout);
  if (layout.planes() > 0)
    field.fill(std::span<const double>(cube).subspan(static_cast<std::size_t>(layout.first_plane() * n * n),
                                                     static_cast<std::size_t>(layout.local_cells())));
  return field;
}

}  // namespace phiscope::test
