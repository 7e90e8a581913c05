#include "phiscope/io/cube_file.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

#include "npy_values.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/regular_file.hpp"
#include "phiscope/io/cube_place.hpp"
#include "phiscope/io/hdf5_reader.hpp"
#include "phiscope/io/hdf5_storage.hpp"
#include "phiscope/io/npy_header.hpp"
#include "phiscope/io/shape_text.hpp"
#include "phiscope/io/text_lines.hpp"

namespace phiscope {
namespace {

/// The bytes of the whole array, exact below 2⁵³ and far too large, not wrapped, beyond.
double array_bytes(const CubeInfo& cube) {
  double bytes = cube.bytes_per_value;
  for (const std::uint64_t extent : cube.place.shape) bytes *= static_cast<double>(extent);
  return bytes;
}

void require_exact_size(const CubeInfo& cube) {
  const auto found = static_cast<double>(require_regular_file(cube.file));
  const double expected = static_cast<double>(cube.data_offset) + array_bytes(cube);
  if (found < expected)
    fail("{}: is truncated: {} bytes, expected {} for {} values of {} bytes", cube.file.string(), found, expected,
         shape_text(cube.place.shape), cube.bytes_per_value);
  if (found > expected)
    fail("{}: has {} bytes behind the {} values of {} bytes that its header announces, expected none",
         cube.file.string(), found - expected, shape_text(cube.place.shape), cube.bytes_per_value);
}

/// "float16" → 2
int bytes_of_type(const std::string& type) {
  const std::size_t digits = type.find_first_of("0123456789");
  return parse_number<int>(std::string_view(type).substr(digits)).value_or(0) / 8;
}

constexpr const char* number_types = "float16, float32, float64, or an integer of 8 to 64 bits";

CubeInfo inspect_npy(const std::filesystem::path& file, const CubeChoice& choice) {
  const NpyHeader header = read_npy_header(file);
  CubeInfo cube;
  cube.file = file;
  cube.type = npy_number_type(header.type);
  if (cube.type.empty()) fail("{}: the array's type is '{}', expected {}", file.string(), header.type, number_types);
  cube.place = place_cube(file, "the array", header.shape, choice);
  cube.n = static_cast<std::int64_t>(header.shape[cube.place.axis]);
  cube.bytes_per_value = bytes_of_type(cube.type);
  cube.layout = header.fortran_order ? "Fortran order" : "contiguous";
  cube.is_big_endian = header.type.starts_with('>');
  cube.data_offset = header.data_offset;
  require_exact_size(cube);
  return cube;
}

bool is_number_type(const std::string& type) {
  constexpr std::array<const char*, 11> known{"float16", "float32", "float64", "int8",   "int16", "int32",
                                              "int64",   "uint8",   "uint16",  "uint32", "uint64"};
  return std::find(known.begin(), known.end(), type) != known.end();
}

/// The dataset of one component where a vector has no dataset of its own: `data_000` or `data_0` for component 0 of
/// `data`; empty when there is none.
std::string component_dataset(const Hdf5Reader& reader, const std::string& name, std::int64_t component) {
  for (const auto& one : {fmt::format("{}_{:03}", name, component), fmt::format("{}_{}", name, component)})
    if (reader.has(one)) return one;
  return {};
}

CubeInfo inspect_hdf5(const std::filesystem::path& file, std::string name, CubeChoice choice) {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5Reader reader(file);
  if (!reader.has(name)) {
    const auto one = component_dataset(reader, name, choice.channel.value_or(0));
    if (!one.empty() && !choice.channel)
      fail(
          "{}: holds the components of a vector or tensor in datasets of their own ('{}', …), expected one cube; say "
          "--channel 0, or in a study simulations.field: NAME[0]",
          file.string(), one);
    if (!one.empty()) {
      name = one;
      choice.channel.reset();
    }
  }
  CubeInfo cube;
  cube.file = file;
  cube.dataset = name;
  auto shape = reader.shape(name);
  reader.with_dataset(name, [&](hid_t dataset) {
    const Hdf5TypeHandle type(H5Dget_type(dataset));
    const auto components = hdf5_array_length(type.id());
    cube.has_array_cells = components > 0;
    if (cube.has_array_cells) shape.push_back(components);
    const Hdf5TypeHandle of_values(cube.has_array_cells ? H5Tget_super(type.id()) : H5Tcopy(type.id()));
    cube.type = hdf5_type_text(of_values.id());
    cube.place = place_cube(file, fmt::format("dataset '{}'", name), shape, choice);
    if (!is_number_type(cube.type))
      fail("{}: dataset '{}' is {}, expected {}", file.string(), name, cube.type, number_types);
    cube.layout = hdf5_layout_name(hdf5_layout_of(dataset));
    require_all_written(dataset, file, name);
  });
  cube.n = static_cast<std::int64_t>(cube.place.shape[cube.place.axis]);
  cube.bytes_per_value = bytes_of_type(cube.type);
  return cube;
}

/// What a cell of the dataset is read as.
template <class Real>
Hdf5TypeHandle memory_type(const CubeInfo& cube, hid_t dataset, const std::string& what) {
  if (!cube.has_array_cells) return Hdf5TypeHandle(H5Tcopy(hdf5_memory_type<Real>()));
  const Hdf5TypeHandle in_file(H5Dget_type(dataset));
  const int rank = check_hdf5(H5Tget_array_ndims(in_file.id()), cube.file, what);
  std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
  check_hdf5(H5Tget_array_dims2(in_file.id(), extents.data()), cube.file, what);
  return Hdf5TypeHandle(H5Tarray_create2(hdf5_memory_type<Real>(), static_cast<unsigned>(rank), extents.data()));
}

/// Reads the part of the array from `start` on that has `extents`, in C order.
template <class Real>
void read_part(const CubeInfo& cube, hid_t dataset, const std::vector<hsize_t>& start,
               const std::vector<hsize_t>& extents, Real* out, const std::string& what) {
  const Hdf5SpaceHandle in_file(check_hdf5(H5Dget_space(dataset), cube.file, what));
  // The axis of an array's own type is no axis of the dataset; all of it is read.
  const auto rank = static_cast<int>(extents.size()) - (cube.has_array_cells ? 1 : 0);
  const Hdf5SpaceHandle in_memory(check_hdf5(H5Screate_simple(rank, extents.data(), nullptr), cube.file, what));
  check_hdf5(H5Sselect_hyperslab(in_file.id(), H5S_SELECT_SET, start.data(), nullptr, extents.data(), nullptr),
             cube.file, what);
  const Hdf5TypeHandle type = memory_type<Real>(cube, dataset, what);
  check_hdf5(H5Dread(dataset, type.id(), in_memory.id(), in_file.id(), H5P_DEFAULT, out), cube.file, what);
}

/// Channels along the last axis: all of them are read for a few planes at a time and one is picked, since HDF5 is
/// slow at single values that lie apart.
template <class Real>
void read_last_channel(const CubeInfo& cube, hid_t dataset, std::vector<hsize_t> start, std::vector<hsize_t> extents,
                       std::span<Real> out, const std::string& what) {
  constexpr std::size_t most_values = std::size_t{16} << 20U;
  const auto channels = static_cast<std::size_t>(cube.place.shape.back());
  const auto channel = static_cast<std::size_t>(cube.place.start.back());
  const auto plane = static_cast<std::size_t>(cube.n * cube.n);
  const std::size_t step = std::max<std::size_t>(1, most_values / (plane * channels));
  const std::size_t axis = cube.place.axis, planes = out.size() / plane;
  const hsize_t first = start[axis];
  start.back() = 0;
  extents.back() = channels;
  std::vector<Real> values(std::min(step, planes) * plane * channels);
  for (std::size_t begin = 0; begin < planes; begin += step) {
    const std::size_t count = std::min(step, planes - begin);
    start[axis] = first + begin;
    extents[axis] = count;
    read_part(cube, dataset, start, extents, values.data(), what);
    for (std::size_t i = 0; i < count * plane; ++i) out[begin * plane + i] = values[i * channels + channel];
  }
}

template <class Real>
void read_hdf5_planes(const CubeInfo& cube, std::int64_t first, std::int64_t count, std::span<Real> out) {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5Reader reader(cube.file);
  const std::string what =
      fmt::format("cannot read planes {} to {} of dataset '{}'", first, first + count - 1, cube.dataset);
  const CubePlace& place = cube.place;
  std::vector<hsize_t> start(place.start.begin(), place.start.end()), extents(place.shape.size(), 1);
  start[place.axis] = static_cast<hsize_t>(first);
  extents[place.axis] = static_cast<hsize_t>(count);
  extents[place.axis + 1] = extents[place.axis + 2] = static_cast<hsize_t>(cube.n);
  reader.with_dataset(cube.dataset, [&](hid_t dataset) {
    if (place.axis + 3 < place.shape.size())
      read_last_channel(cube, dataset, start, extents, out, what);
    else
      read_part(cube, dataset, start, extents, out.data(), what);
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

/// The value at [iz, iy, ix] in double precision.
double value_at(const CubeInfo& cube, std::int64_t iz, std::int64_t iy, std::int64_t ix) {
  std::vector<double> plane(static_cast<std::size_t>(cube.n * cube.n));
  read_planes_unchecked(cube, iz, 1, std::span<double>(plane));
  return plane[static_cast<std::size_t>(iy * cube.n + ix)];
}

template <class Real>
void require_finite(const CubeInfo& cube, std::int64_t first, std::span<const Real> values) {
  const std::size_t bad = count_not_finite(values);
  if (bad == 0) return;
  const auto worst = std::find_if(values.begin(), values.end(), [](Real value) { return !std::isfinite(value); });
  const auto index = static_cast<std::int64_t>(worst - values.begin());
  const std::int64_t last = first + static_cast<std::int64_t>(values.size()) / (cube.n * cube.n) - 1;
  const std::int64_t iz = first + index / (cube.n * cube.n), iy = index / cube.n % cube.n, ix = index % cube.n;
  const double stored = value_at(cube, iz, iy, ix);
  if (std::isfinite(stored))
    fail(
        "{}: {} of {} values in planes {} to {} are beyond single precision; the first, at [{}, {}, {}], is {}; read "
        "it in double precision, or see to its unit",
        cube.file.string(), bad, values.size(), first, last, iz, iy, ix, stored);
  fail("{}: {} of {} values in planes {} to {} are not finite; the first, at [{}, {}, {}], is {}", cube.file.string(),
       bad, values.size(), first, last, iz, iy, ix, std::isnan(stored) ? std::abs(stored) : stored);
}

}  // namespace

bool is_npy_file(const std::filesystem::path& file) {
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return ending == ".npy";
}

CubeInfo inspect_cube(const std::filesystem::path& file, const std::string& dataset, const CubeChoice& choice) {
  return is_npy_file(file) ? inspect_npy(file, choice) : inspect_hdf5(file, dataset, choice);
}

template <class Real>
void read_planes_unchecked(const CubeInfo& cube, std::int64_t first, std::int64_t count, std::span<Real> out) {
  if (first < 0 || count < 0 || first + count > cube.n)
    fail("{}: planes {} to {} were asked for, but it has {}", cube.file.string(), first, first + count - 1, cube.n);
  if (static_cast<std::int64_t>(out.size()) != count * cube.n * cube.n)
    fail("{}: room for {} values, but {} planes have {}", cube.file.string(), out.size(), count,
         count * cube.n * cube.n);
  if (count == 0) return;
  if (is_npy_file(cube.file))
    read_npy_planes(cube, first, count, out);
  else
    read_hdf5_planes(cube, first, count, out);
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
