#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "phiscope/catalogue/gevolution_settings.hpp"
#include "phiscope/catalogue/gravity.hpp"

namespace phiscope {

// The files of a run's folder. gevolution names them after the bases of its settings; where a file of that name is not
// there, the one of the name that this study's runs have ({gravity}_snapNNN_phi.h5, {gravity}_background.dat) is taken.

/// The `*_settings_used.ini` of a folder, by name; none where it cannot be listed.
std::vector<std::filesystem::path> settings_files(const std::filesystem::path& folder);

/// The `*_settings_used.ini` of a run's folder: of several the one that is named after the folder (gr/gr_settings…).
/// Empty when there is none. Throws Error when there are two others, or the folder cannot be listed.
std::filesystem::path find_settings_file(const std::filesystem::path& folder);

/// Its `*_background.dat`, whether or not it is there.
std::filesystem::path background_file(const GevolutionSettings& run);

/// A field as a study names it: the end of its files' names, and of a vector or tensor which component.
struct FieldName {
  std::string name;                            ///< "phi", "B"
  std::optional<std::int64_t> component = {};  ///< counted from 0: 1 of "B[1]"

  /// Throws Error unless it is letters, digits and underscores, with or without a number in brackets.
  static FieldName parse(const std::string& text);
};

/// The cube of a field ("phi", "chi", "T00", …) in a run's snapshot, whether or not it is there.
std::filesystem::path snapshot_file(const GevolutionSettings& run, int number, const std::string& field);

/// The fields of which a run's folder holds cubes, in the order of their names.
std::set<std::string> snapshot_fields(const GevolutionSettings& run);

/// Whether `name` is that of a table of the power spectrum of a field: "…pkNNN_phi.dat", whatever its base.
bool is_power_table(const std::string& name, const std::string& field);

/// These tables in a run's folder, by name, but for those that the other gravity's name begins; none where the folder
/// cannot be listed.
std::vector<std::filesystem::path> power_tables(const std::filesystem::path& folder, Gravity gravity,
                                                const std::string& field);

}  // namespace phiscope
