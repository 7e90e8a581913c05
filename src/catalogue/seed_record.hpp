#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/catalogue/gevolution_settings.hpp"
#include "phiscope/catalogue/seed_folders.hpp"

namespace phiscope {

/// What one look at a seed's folder found, for one request.
struct SeedRecord {
  std::uint64_t seed = 0;
  std::string problem;                   ///< empty when all is well so far
  std::vector<CatalogueEntry> entries;   ///< by gravity, then redshift, as the request lists them
  std::vector<GevolutionSettings> runs;  ///< one per gravity of the request
};

/// Opens everything that the request needs of a seed. Never throws Error: the first one becomes `problem`.
SeedRecord read_seed(const CatalogueRequest& request, SeedFolders& folders, std::uint64_t seed);

/// The first difference in what all runs of a catalogue share (box, grid, cosmology), as a sentence that names both
/// files; empty when there is none.
std::string contradiction(const GevolutionSettings& run, const GevolutionSettings& first);

/// For exchange between ranks, in bytes: numbers survive exactly, and so do paths in any encoding.
std::string packed(const std::vector<SeedRecord>& records);
std::vector<SeedRecord> unpacked_records(const std::string& bytes);

}  // namespace phiscope
