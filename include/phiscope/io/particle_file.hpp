#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

namespace phiscope {

enum class ParticleFormat { hdf5, npy, gadget };

/// The side of the box that a file states of itself.
struct StatedBox {
  double size = 0;
  std::string source;  ///< what says so, e.g. "BoxSize of /Header"
  /// Its unit in Mpc/h, 1 or 1/1000, where the file says that too; else 0. It is the unit of the positions.
  double unit = 0;
};

/// What the header of a file of particles says: positions[particle, axis] of `count` particles.
struct ParticleFileInfo {
  std::filesystem::path file;
  std::string dataset;  ///< of positions; in a Gadget-2 file the type of particle, PartType0 to PartType5
  std::int64_t count = 0;
  std::string weights;  ///< dataset of `count` weights; empty: all the same
  std::optional<StatedBox> box;
  ParticleFormat format = ParticleFormat::hdf5;
  // Of the formats without an index of their own:
  int bytes_per_value = 0;
  std::int64_t data_offset = 0;  ///< bytes before the first of these positions
  bool by_axis = false;          ///< all x, then all y, then all z, as in a .npy file in Fortran order
};

/// Opens a file of particles and checks, without reading positions, that there are some, and that the file can hold as
/// many as it says:
/// HDF5: `dataset` is count×3, float32 or float64; `weights`, when it is not empty, has one number for each.
/// NumPy's `.npy`: count×3, float32 or float64; it has no names, so `dataset` says nothing.
/// Gadget-2 snapshots (format 1 and 2, little endian): `dataset` is PartType0 to PartType5; another name stands for the
/// one type that the file holds.
/// Throws Error that names the file, what was found and what was expected; also for one of several files of a snapshot
/// (NumFilesPerSnapshot, NumPart_ThisFile and NumPart_Total of /Header, or Gadget-2's header): it is a part.
ParticleFileInfo inspect_particles(const std::filesystem::path& file, const std::string& dataset,
                                   const std::string& weights = {});

/// Whether a file begins as Gadget-2 snapshots do. False for what is no regular file.
bool is_gadget_file(const std::filesystem::path& file);

/// Reads the positions of `count` particles, from `first` on, into out[3 (particle - first) + axis] (3·count values),
/// by this process alone, in the unit of the file. Throws Error when one is not finite: which particle, and what it is.
void read_positions(const ParticleFileInfo& particles, std::int64_t first, std::int64_t count, std::span<double> out);

/// Reads the weights of `count` particles, from `first` on, by this process alone. `particles.weights` names them.
/// Throws Error when one is not finite.
void read_weights(const ParticleFileInfo& particles, std::int64_t first, std::int64_t count, std::span<double> out);

}  // namespace phiscope
