#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "phiscope/data/packed_file.hpp"
#include "phiscope/measurement/marked_cube.hpp"
#include "phiscope/study/study.hpp"

namespace phiscope {

/// Writes the transformed cubes of all seeds of the study's split into a packed file (see PackedSource); empty: the
/// study's dataset.packed, else packed.h5 in its run directory. Collective: each rank writes the parts of its share of
/// the seeds. Parts that are there are kept, so that an interrupted packing goes on, and more seeds can be added later.
/// Throws AgreedError for a bad cube or when the file was packed from other cubes, StoppedOnRequest.
/// A part whose cubes have changed since is packed again.
void pack_cubes(const Study& study, PackedValues values, std::filesystem::path file);

/// What the part of a seed was packed from.
struct PackedCubes {
  std::vector<MarkedCube> cubes;  ///< by gravity and redshift
  std::string change;             ///< what has changed since, as the beginning of a sentence; empty where nothing has
};
/// Throws Error where the part, or a cube, cannot be read.
PackedCubes look_at_packed(const Study& study, const std::filesystem::path& file, std::uint64_t seed);

}  // namespace phiscope
