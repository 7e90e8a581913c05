#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace phiscope {

/// What the header of a file of particles says: positions[particle, axis] of `count` particles, in Mpc/h.
struct ParticleFileInfo {
  std::filesystem::path file;
  std::string dataset;
  std::int64_t count = 0;
};

/// Opens an HDF5 file and checks, without reading positions, that the dataset is count×3, float32 or float64, and not
/// empty. Throws Error that names the file, what was found and what was expected.
ParticleFileInfo inspect_particles(const std::filesystem::path& file, const std::string& dataset);

/// Reads the positions of `count` particles, from `first` on, into out[3 (particle - first) + axis] (3·count values),
/// by this process alone. Throws Error when one is not finite: which particle, and what it is.
void read_positions(const ParticleFileInfo& particles, std::int64_t first, std::int64_t count, std::span<double> out);

}  // namespace phiscope
