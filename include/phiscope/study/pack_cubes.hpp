#pragma once
#include <filesystem>

#include "phiscope/learning/packed_file.hpp"
#include "phiscope/study/study.hpp"

namespace phiscope {

/// Writes the transformed cubes of all seeds of the study's split into a packed file (see PackedSource); empty: the
/// study's dataset.packed, else packed.h5 in its run directory. Collective: each rank writes the parts of its share of
/// the seeds. Parts that are there are kept, so that an interrupted packing goes on, and more seeds can be added later.
/// Throws AgreedError for a bad cube or when the file was packed from other cubes, StoppedOnRequest.
void pack_cubes(const Study& study, PackedValues values, std::filesystem::path file);

}  // namespace phiscope
