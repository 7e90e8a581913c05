#include "phiscope/io/particle_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <system_error>
#include <vector>

#include "gadget_file.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/regular_file.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/io/hdf5_reader.hpp"
#include "phiscope/io/hdf5_storage.hpp"
#include "phiscope/io/npy_header.hpp"
#include "phiscope/io/shape_text.hpp"
#include "snapshot_header.hpp"

namespace phiscope {
namespace {

void require_weights(const Hdf5Reader& reader, const ParticleFileInfo& particles) {
  const auto shape = reader.shape(particles.weights);
  const bool is_list = shape.size() == 1 || (shape.size() == 2 && shape[1] == 1);
  if (!is_list || shape[0] != static_cast<std::uint64_t>(particles.count))
    fail("{}: dataset '{}' is {}, expected one weight for each of the {} particles of '{}'", particles.file.string(),
         particles.weights, shape_text(shape), particles.count, particles.dataset);
  reader.with_dataset(particles.weights, [&](hid_t dataset) {
    require_all_written(dataset, particles.file, particles.weights);
    const Hdf5TypeHandle type(H5Dget_type(dataset));
    const H5T_class_t kind = H5Tget_class(type.id());
    if (kind != H5T_FLOAT && kind != H5T_INTEGER)
      fail("{}: dataset '{}' is {}, expected numbers as weights", particles.file.string(), particles.weights,
           hdf5_type_text(type.id()));
  });
}

ParticleFileInfo inspect_hdf5(const std::filesystem::path& file, const std::string& dataset,
                              const std::string& weights) {
  const std::scoped_lock lock(hdf5_mutex());
  const Hdf5Reader reader(file);
  const auto shape = reader.shape(dataset);
  if (shape.size() != 2 || shape[1] != 3)
    fail("{}: dataset '{}' is {}, expected positions of particles: count×3", file.string(), dataset, shape_text(shape));
  const std::string type = reader.type(dataset);
  if (type != "float32" && type != "float64")
    fail("{}: dataset '{}' is {}, expected float32 or float64", file.string(), dataset, type);
  if (shape[0] == 0) fail("{}: dataset '{}' holds no particle", file.string(), dataset);
  reader.with_dataset(dataset, [&](hid_t id) { require_all_written(id, file, dataset); });
  ParticleFileInfo particles;
  particles.file = file;
  particles.dataset = dataset;
  particles.count = static_cast<std::int64_t>(shape[0]);
  particles.weights = weights;
  if (!weights.empty()) require_weights(reader, particles);
  require_whole_snapshot(file, dataset, particles.count);
  particles.box = stated_box(file, dataset);
  return particles;
}

ParticleFileInfo inspect_npy(const std::filesystem::path& file) {
  const NpyHeader header = read_npy_header(file);
  if (header.shape.size() != 2 || header.shape[1] != 3)
    fail("{}: the array is {}, expected positions of particles: count×3{}", file.string(), shape_text(header.shape),
         header.shape.size() == 2 && header.shape[0] == 3 ? "; save its transpose" : "");
  if (header.type != "<f4" && header.type != "<f8")
    fail("{}: the array's type is '{}', expected '<f4' or '<f8' (float32 or float64, little endian)", file.string(),
         header.type);
  if (header.shape[0] == 0) fail("{}: the array holds no particle", file.string());
  ParticleFileInfo particles;
  particles.file = file;
  particles.format = ParticleFormat::npy;
  particles.bytes_per_value = header.type == "<f4" ? 4 : 8;
  particles.data_offset = header.data_offset;
  particles.by_axis = header.fortran_order;
  const auto found = static_cast<std::uint64_t>(std::filesystem::file_size(file));
  const auto bytes_each = static_cast<std::uint64_t>(3 * particles.bytes_per_value);
  const auto offset = static_cast<std::uint64_t>(header.data_offset);
  // Divided, because the product of what a header claims may be beyond 64 bits.
  if (found < offset || header.shape[0] > (found - offset) / bytes_each)
    fail("{}: is truncated: {} bytes, which hold {} of the {} particles that its header says", file.string(), found,
         found < offset ? 0 : (found - offset) / bytes_each, header.shape[0]);
  particles.count = static_cast<std::int64_t>(header.shape[0]);
  return particles;
}

void require_share(const ParticleFileInfo& particles, std::int64_t first, std::int64_t count, std::size_t room,
                   std::int64_t values_each) {
  if (first < 0 || count < 0 || first + count > particles.count)
    fail("{}: particles {} to {} were asked for, but it has {}", particles.file.string(), first, first + count - 1,
         particles.count);
  if (static_cast<std::int64_t>(room) != values_each * count)
    fail("{}: room for {} values, but {} particles have {}", particles.file.string(), room, count, values_each * count);
}

/// Rows from `first` on of a dataset of one or two dimensions.
void read_hdf5_rows(const ParticleFileInfo& particles, const std::string& name, std::int64_t first, std::int64_t count,
                    std::span<double> out) {
  const std::string what =
      fmt::format("cannot read particles {} to {} of dataset '{}'", first, first + count - 1, name);
  const std::scoped_lock lock(hdf5_mutex());
  Hdf5Reader(particles.file).with_dataset(name, [&](hid_t dataset) {
    const auto columns = static_cast<hsize_t>(static_cast<std::int64_t>(out.size()) / count);
    const std::array<hsize_t, 2> start{static_cast<hsize_t>(first), 0}, extent{static_cast<hsize_t>(count), columns};
    const Hdf5SpaceHandle in_file(check_hdf5(H5Dget_space(dataset), particles.file, what));
    const int dimensions = H5Sget_simple_extent_ndims(in_file.id());
    const Hdf5SpaceHandle in_memory(
        check_hdf5(H5Screate_simple(dimensions, extent.data(), nullptr), particles.file, what));
    check_hdf5(H5Sselect_hyperslab(in_file.id(), H5S_SELECT_SET, start.data(), nullptr, extent.data(), nullptr),
               particles.file, what);
    check_hdf5(H5Dread(dataset, H5T_NATIVE_DOUBLE, in_memory.id(), in_file.id(), H5P_DEFAULT, out.data()),
               particles.file, what);
  });
}

/// `count` values of a plain file, from value `first` after the offset on, each to every `stride`th place.
template <class Stored>
void read_values(const ParticleFileInfo& particles, std::int64_t first, std::size_t count, std::size_t stride,
                 double* out) {
  std::ifstream stream(particles.file, std::ios::binary);
  stream.seekg(particles.data_offset + first * static_cast<std::int64_t>(sizeof(Stored)));
  std::vector<Stored> values(count);
  stream.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(count * sizeof(Stored)));
  if (!stream) fail("{}: reading particles failed; was the file changed?", particles.file.string());
  for (std::size_t i = 0; i < count; ++i) out[i * stride] = static_cast<double>(values[i]);
}

template <class Stored>
void read_plain(const ParticleFileInfo& particles, std::int64_t first, std::span<double> out) {
  if (!particles.by_axis) return read_values<Stored>(particles, 3 * first, out.size(), 1, out.data());
  for (std::int64_t axis = 0; axis < 3; ++axis)
    read_values<Stored>(particles, axis * particles.count + first, out.size() / 3, 3, out.data() + axis);
}

}  // namespace

ParticleFileInfo inspect_particles(const std::filesystem::path& file, const std::string& dataset,
                                   const std::string& weights) {
  require_regular_file(file);
  const bool is_npy = is_npy_file(file);
  if (!is_npy && !is_gadget_file(file)) return inspect_hdf5(file, dataset, weights);
  if (!weights.empty()) fail("{}: has no dataset '{}' of weights: only HDF5 files have", file.string(), weights);
  return is_npy ? inspect_npy(file) : inspect_gadget_particles(file, dataset);
}

void read_positions(const ParticleFileInfo& particles, std::int64_t first, std::int64_t count, std::span<double> out) {
  require_share(particles, first, count, out.size(), 3);
  if (count == 0) return;
  if (particles.format == ParticleFormat::hdf5)
    read_hdf5_rows(particles, particles.dataset, first, count, out);
  else if (particles.bytes_per_value == 4)
    read_plain<float>(particles, first, out);
  else
    read_plain<double>(particles, first, out);
  const auto bad = std::find_if(out.begin(), out.end(), [](double value) { return !std::isfinite(value); });
  if (bad != out.end())
    fail("{}: the position of particle {}{} holds {}, expected finite coordinates", particles.file.string(),
         first + (bad - out.begin()) / 3,
         particles.dataset.empty() ? "" : fmt::format(" in dataset '{}'", particles.dataset), *bad);
}

void read_weights(const ParticleFileInfo& particles, std::int64_t first, std::int64_t count, std::span<double> out) {
  require_share(particles, first, count, out.size(), 1);
  if (count == 0) return;
  read_hdf5_rows(particles, particles.weights, first, count, out);
  const auto bad = std::find_if(out.begin(), out.end(), [](double value) { return !std::isfinite(value); });
  if (bad != out.end())
    fail("{}: the weight of particle {} in dataset '{}' is {}, expected a finite number", particles.file.string(),
         first + (bad - out.begin()), particles.weights, *bad);
}

}  // namespace phiscope
