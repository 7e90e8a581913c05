#include "phiscope/io/cube_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <system_error>
#include <vector>

#include "npy_header.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/io/hdf5_reader.hpp"
#include "phiscope/io/hdf5_storage.hpp"
#include "phiscope/io/shape_text.hpp"

namespace phiscope {
namespace {

/// As for every grid; the bytes of such a cube are still counted in 64 bits.
constexpr std::uint64_t largest_extent = 32768;

bool is_npy(const std::filesystem::path& file) {
  return file.extension() == ".npy";
}

std::int64_t require_cubic(const std::filesystem::path& file, const std::string& what,
                           const std::vector<std::uint64_t>& shape) {
  if (shape.size() != 3 || shape[0] != shape[1] || shape[1] != shape[2] || shape[0] == 0)
    fail("{}: {} is {}, expected a cube N×N×N", file.string(), what, shape_text(shape));
  if (shape[0] > largest_extent)
    fail("{}: {} is {}, expected at most {} cells along an axis", file.string(), what, shape_text(shape),
         largest_extent);
  return static_cast<std::int64_t>(shape[0]);
}

std::int64_t bytes_of(const CubeInfo& cube) {
  return cube.n * cube.n * cube.n * cube.bytes_per_value;
}

void require_long_enough(const CubeInfo& cube, std::int64_t offset) {
  const auto found = static_cast<std::int64_t>(std::filesystem::file_size(cube.file));
  const std::int64_t expected = offset + bytes_of(cube);
  if (found < expected)
    fail("{}: is truncated: {} bytes, expected {} for {}³ values of {} bytes", cube.file.string(), found, expected,
         cube.n, cube.bytes_per_value);
}

CubeInfo inspect_npy(const std::filesystem::path& file) {
  const NpyHeader header = read_npy_header(file);
  if (header.type != "<f4" && header.type != "<f8")
    fail("{}: the array's type is '{}', expected '<f4' or '<f8' (float32 or float64, little endian)", file.string(),
         header.type);
  if (header.fortran_order)
    fail("{}: the array is in Fortran order, expected C order data[iz, iy, ix]; save numpy.ascontiguousarray of it",
         file.string());
  CubeInfo cube{file,
                "",
                require_cubic(file, "the array", header.shape),
                header.type == "<f4" ? 4 : 8,
                "contiguous",
                header.data_offset};
  require_long_enough(cube, cube.data_offset);
  return cube;
}

CubeInfo inspect_hdf5(const std::filesystem::path& file, const std::string& name) {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5Reader reader(file);
  CubeInfo cube{file, name, 0, 0, "contiguous", 0};
  cube.n = require_cubic(file, fmt::format("dataset '{}'", name), reader.shape(name));
  const std::string type = reader.type(name);
  if (type != "float32" && type != "float64")
    fail("{}: dataset '{}' is {}, expected float32 or float64", file.string(), name, type);
  cube.bytes_per_value = type == "float32" ? 4 : 8;
  reader.with_dataset(name, [&](hid_t dataset) {
    cube.layout = hdf5_layout_name(hdf5_layout_of(dataset));
    require_all_written(dataset, file, name);
  });
  return cube;
}

/// Goes through the values in pieces of about 4 MB, so that converting them stays in the cache.
template <class Stored, class Real>
void read_npy_planes(const CubeInfo& cube, std::int64_t first, std::span<Real> out) {
  std::ifstream stream(cube.file, std::ios::binary);
  stream.seekg(cube.data_offset + first * cube.n * cube.n * static_cast<std::int64_t>(sizeof(Stored)));
  std::vector<Stored> piece(std::min<std::size_t>(out.size(), (std::size_t{4} << 20U) / sizeof(Stored)));
  for (std::size_t begin = 0; begin < out.size() && stream; begin += piece.size()) {
    const std::size_t count = std::min(piece.size(), out.size() - begin);
    stream.read(reinterpret_cast<char*>(piece.data()), static_cast<std::streamsize>(count * sizeof(Stored)));
    for (std::size_t i = 0; i < count; ++i) out[begin + i] = static_cast<Real>(piece[i]);
  }
  if (!stream) fail("{}: reading planes from {} on failed; was the file changed?", cube.file.string(), first);
}

template <class Real>
void read_hdf5_planes(const CubeInfo& cube, std::int64_t first, std::int64_t count, std::span<Real> out) {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5Reader reader(cube.file);
  const std::string what =
      fmt::format("cannot read planes {} to {} of dataset '{}'", first, first + count - 1, cube.dataset);
  reader.with_dataset(cube.dataset, [&](hid_t dataset) {
    const auto n = static_cast<hsize_t>(cube.n);
    const std::array<hsize_t, 3> start{static_cast<hsize_t>(first), 0, 0};
    const std::array<hsize_t, 3> extent{static_cast<hsize_t>(count), n, n};
    const Hdf5SpaceHandle in_file(check_hdf5(H5Dget_space(dataset), cube.file, what));
    const Hdf5SpaceHandle in_memory(check_hdf5(H5Screate_simple(3, extent.data(), nullptr), cube.file, what));
    check_hdf5(H5Sselect_hyperslab(in_file.id(), H5S_SELECT_SET, start.data(), nullptr, extent.data(), nullptr),
               cube.file, what);
    check_hdf5(H5Dread(dataset, hdf5_memory_type<Real>(), in_memory.id(), in_file.id(), H5P_DEFAULT, out.data()),
               cube.file, what);
  });
}

/// Counts by comparing, which vectorises; isfinite() does not.
template <class Real>
std::size_t count_not_finite(std::span<const Real> values) {
  constexpr Real largest = std::numeric_limits<Real>::max();
  std::size_t bad = 0;
  for (const Real value : values) bad += std::abs(value) <= largest ? 0U : 1U;
  return bad;
}

template <class Real>
void require_finite(const CubeInfo& cube, std::int64_t first, std::span<const Real> values) {
  const std::size_t bad = count_not_finite(values);
  if (bad == 0) return;
  const auto worst = std::find_if(values.begin(), values.end(), [](Real value) { return !std::isfinite(value); });
  const auto index = static_cast<std::int64_t>(worst - values.begin());
  const std::int64_t last = first + static_cast<std::int64_t>(values.size()) / (cube.n * cube.n) - 1;
  fail("{}: {} of {} values in planes {} to {} are not finite; the first, at [{}, {}, {}], is {}", cube.file.string(),
       bad, values.size(), first, last, first + index / (cube.n * cube.n), index / cube.n % cube.n, index % cube.n,
       std::isnan(*worst) ? std::numeric_limits<Real>::quiet_NaN() : *worst);
}

}  // namespace

CubeInfo inspect_cube(const std::filesystem::path& file, const std::string& dataset) {
  std::error_code code;
  if (!std::filesystem::exists(file, code)) fail("{}: no such file", file.string());
  return is_npy(file) ? inspect_npy(file) : inspect_hdf5(file, dataset);
}

template <class Real>
void read_planes_unchecked(const CubeInfo& cube, std::int64_t first, std::int64_t count, std::span<Real> out) {
  if (first < 0 || count < 0 || first + count > cube.n)
    fail("{}: planes {} to {} were asked for, but it has {}", cube.file.string(), first, first + count - 1, cube.n);
  if (static_cast<std::int64_t>(out.size()) != count * cube.n * cube.n)
    fail("{}: room for {} values, but {} planes have {}", cube.file.string(), out.size(), count,
         count * cube.n * cube.n);
  if (count == 0) return;
  if (!is_npy(cube.file)) return read_hdf5_planes(cube, first, count, out);
  if (cube.bytes_per_value == 4) return read_npy_planes<float>(cube, first, out);
  read_npy_planes<double>(cube, first, out);
}

template <class Real>
void read_planes(const CubeInfo& cube, std::int64_t first, std::int64_t count, std::span<Real> out) {
  read_planes_unchecked(cube, first, count, out);
  require_finite(cube, first, std::span<const Real>(out));
}

template void read_planes(const CubeInfo&, std::int64_t, std::int64_t, std::span<float>);
template void read_planes(const CubeInfo&, std::int64_t, std::int64_t, std::span<double>);
template void read_planes_unchecked(const CubeInfo&, std::int64_t, std::int64_t, std::span<float>);
template void read_planes_unchecked(const CubeInfo&, std::int64_t, std::int64_t, std::span<double>);

}  // namespace phiscope
