#pragma once
#include <hdf5.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "phiscope/io/hdf5_type.hpp"

namespace phiscope::test {

/// Values that tell where they stand: 10000·iz + 100·iy + ix.
template <class Real>
std::vector<Real> position_values(std::int64_t n) {
  std::vector<Real> values;
  for (std::int64_t iz = 0; iz < n; ++iz)
    for (std::int64_t iy = 0; iy < n; ++iy)
      for (std::int64_t ix = 0; ix < n; ++ix) values.push_back(static_cast<Real>(10000 * iz + 100 * iy + ix));
  return values;
}

struct CubeStorage {
  std::vector<hsize_t> chunk = {};  ///< empty: contiguous
  int gzip = 0;                     ///< compression level, 0 for none
  std::string dataset = "data";
  std::vector<hsize_t> of_cell = {};  ///< extents of the array that each cell holds; empty: one number
};

/// A file as gevolution's HDF5 writers leave it: one dataset, no attributes.
template <class T>
void write_hdf5(const std::filesystem::path& file, std::span<const T> values, const std::vector<hsize_t>& shape,
                const CubeStorage& storage = {}) {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5FileHandle handle(H5Fcreate(file.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
  const Hdf5SpaceHandle space(H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr));
  const Hdf5PropertyHandle properties(H5Pcreate(H5P_DATASET_CREATE));
  if (!storage.chunk.empty())
    H5Pset_chunk(properties.id(), static_cast<int>(storage.chunk.size()), storage.chunk.data());
  if (storage.gzip > 0) H5Pset_deflate(properties.id(), static_cast<unsigned>(storage.gzip));
  const auto axes = static_cast<unsigned>(storage.of_cell.size());
  const Hdf5TypeHandle type(axes == 0 ? H5Tcopy(hdf5_memory_type<T>())
                                      : H5Tarray_create2(hdf5_memory_type<T>(), axes, storage.of_cell.data()));
  const Hdf5DatasetHandle dataset(H5Dcreate2(handle.id(), storage.dataset.c_str(), type.id(), space.id(), H5P_DEFAULT,
                                             properties.id(), H5P_DEFAULT));
  if (!values.empty()) H5Dwrite(dataset.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
}

template <class T>
void write_hdf5_cube(const std::filesystem::path& file, const std::vector<T>& values, std::int64_t n,
                     const CubeStorage& storage = {}) {
  const auto extent = static_cast<hsize_t>(n);
  write_hdf5(file, std::span<const T>(values), {extent, extent, extent}, storage);
}

/// A `.npy` file as numpy.save writes it.
template <class T>
std::string npy_bytes(const std::string& type, const std::vector<T>& values, const std::string& shape,
                      bool fortran_order = false, int version = 1) {
  std::string header = "{'descr': '" + type + "', 'fortran_order': " + (fortran_order ? "True" : "False") +
                       ", 'shape': " + shape + ", }";
  const std::size_t length_bytes = version == 1 ? 2 : 4;
  while ((8 + length_bytes + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  for (std::size_t i = 0; i < length_bytes; ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 255U);
  return bytes + header + std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

}  // namespace phiscope::test
