#include "phiscope/io/particle_file.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <system_error>

#include "phiscope/base/error.hpp"
#include "phiscope/io/hdf5_reader.hpp"
#include "phiscope/io/hdf5_storage.hpp"
#include "phiscope/io/shape_text.hpp"

namespace phiscope {

ParticleFileInfo inspect_particles(const std::filesystem::path& file, const std::string& dataset) {
  std::error_code code;
  if (!std::filesystem::exists(file, code)) fail("{}: no such file", file.string());
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
  return {file, dataset, static_cast<std::int64_t>(shape[0])};
}

void read_positions(const ParticleFileInfo& particles, std::int64_t first, std::int64_t count, std::span<double> out) {
  if (first < 0 || count < 0 || first + count > particles.count)
    fail("{}: particles {} to {} were asked for, but it has {}", particles.file.string(), first, first + count - 1,
         particles.count);
  if (static_cast<std::int64_t>(out.size()) != 3 * count)
    fail("{}: room for {} values, but {} positions have {}", particles.file.string(), out.size(), count, 3 * count);
  if (count == 0) return;
  const std::string what =
      fmt::format("cannot read particles {} to {} of dataset '{}'", first, first + count - 1, particles.dataset);
  const std::scoped_lock lock(hdf5_mutex());
  Hdf5Reader(particles.file).with_dataset(particles.dataset, [&](hid_t dataset) {
    const std::array<hsize_t, 2> start{static_cast<hsize_t>(first), 0}, extent{static_cast<hsize_t>(count), 3};
    const Hdf5SpaceHandle in_file(check_hdf5(H5Dget_space(dataset), particles.file, what));
    const Hdf5SpaceHandle in_memory(check_hdf5(H5Screate_simple(2, extent.data(), nullptr), particles.file, what));
    check_hdf5(H5Sselect_hyperslab(in_file.id(), H5S_SELECT_SET, start.data(), nullptr, extent.data(), nullptr),
               particles.file, what);
    check_hdf5(H5Dread(dataset, H5T_NATIVE_DOUBLE, in_memory.id(), in_file.id(), H5P_DEFAULT, out.data()),
               particles.file, what);
  });
  const auto bad = std::find_if(out.begin(), out.end(), [](double value) { return !std::isfinite(value); });
  if (bad != out.end())
    fail("{}: the position of particle {} in dataset '{}' holds {}, expected finite coordinates in Mpc/h",
         particles.file.string(), first + (bad - out.begin()) / 3, particles.dataset, *bad);
}

}  // namespace phiscope
