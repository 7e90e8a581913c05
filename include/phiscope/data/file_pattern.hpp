#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace phiscope {

/// What the places in a pattern of file names stand for. Empty: the pattern must not have that place.
struct PatternValues {
  std::string seed, class_name, redshift;
};

/// Whether a pattern has the place `{name}` (or `{name:04}`).
bool has_place(const std::string& pattern, const std::string& name);

/// "{class}/{seed:04}/df_z={redshift}.npy" with its places filled in; `{seed:04}` has zeros in front up to so many
/// digits. Throws Error for a place of another name, or one that is not closed.
std::string fill_pattern(const std::string& pattern, const PatternValues& values);

/// The files of one item: each of `patterns` at each of `redshifts` where it has that place, below `root`.
std::vector<std::filesystem::path> files_of_item(const std::filesystem::path& root,
                                                 const std::vector<std::string>& patterns,
                                                 const std::vector<double>& redshifts, const std::string& seed,
                                                 const std::string& class_name);

}  // namespace phiscope
