#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/catalogue/gevolution_background.hpp"
#include "phiscope/catalogue/gevolution_settings.hpp"

namespace phiscope {

/// A snapshot of a run, by its number, with the redshift of the time step that was written. Throws Error when the run
/// did not come so far.
CatalogueEntry entry_of_snapshot(const GevolutionSettings& run, const GevolutionBackground& background, int number,
                                 std::filesystem::path file);

/// "gr_snap004_phi.h5" → 4 for the file base "gr_snap"; -1 where the name is none of the run's snapshots. A field's own
/// name may hold anything.
int snapshot_number_of(const std::string& name, const GevolutionSettings& run);

/// Which cube of which run a file is, after its name and gevolution's files beside it. Nothing where there are no such
/// files. Throws Error when one of them cannot be read.
std::optional<CatalogueEntry> origin_of_cube(const std::filesystem::path& file);

}  // namespace phiscope
