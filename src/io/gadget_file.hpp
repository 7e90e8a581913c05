#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <string>

#include "phiscope/io/particle_file.hpp"

namespace phiscope {

/// How many particles of each type a file and its whole snapshot hold, as headers of Gadget and its relatives say it.
struct SnapshotShare {
  std::int64_t here = 0;
  std::int64_t in_all = 0;
  std::int64_t files = 1;
};

/// Throws Error when the file is one of several of a snapshot: it is a part.
void require_whole_snapshot(const std::filesystem::path& file, const std::string& type, const SnapshotShare& share);

/// The type that `dataset` names: 1 for "PartType1" and "/PartType1/Coordinates"; −1 for another name.
int particle_type_of(const std::string& dataset);

/// See inspect_particles().
ParticleFileInfo inspect_gadget_particles(const std::filesystem::path& file, const std::string& dataset);

}  // namespace phiscope
