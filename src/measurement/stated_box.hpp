#pragma once
#include <filesystem>

#include "phiscope/io/particle_file.hpp"

namespace phiscope {

/// What positions are to be multiplied by for Mpc/h: 1, or 1/1000 where the file states a box 1000 times as large as
/// `box_size` (Mpc/h), as Gadget and its relatives do, which count in kpc/h. Throws Error when the stated box is any
/// other.
double unit_of_positions(const ParticleFileInfo& particles, double box_size);

/// Throws Error when the settings of the run that lie beside a file (see box_beside()) say another box than `box_size`
/// (Mpc/h).
void require_box_beside(const std::filesystem::path& file, double box_size);

}  // namespace phiscope
