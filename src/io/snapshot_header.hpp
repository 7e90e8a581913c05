#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "phiscope/io/particle_file.hpp"

namespace phiscope {

/// The box that an HDF5 file of particles states: attribute box_size_Mpc_h of the file or of the dataset, or BoxSize of
/// the group /Header (Gadget, AREPO, SWIFT) or of the file; with the unit that UnitLength_in_cm of /Header or
/// /Parameters says, when it is a kpc or an Mpc (of Gadget's kind, and so over h). Nothing for a box of 0 (not
/// periodic). Throws Error when it is not a cube.
std::optional<StatedBox> stated_box(const std::filesystem::path& file, const std::string& dataset);

/// Throws Error when /Header says that the file is one of several of a snapshot, or other numbers of particles than
/// the `count` that the dataset has.
void require_whole_snapshot(const std::filesystem::path& file, const std::string& dataset, std::int64_t count);

}  // namespace phiscope
