#pragma once
#include <hdf5.h>

#include <filesystem>
#include <string>
#include <vector>

namespace phiscope {

/// What an HDF5 file holds, as far as it can be reached.
struct Hdf5Contents {
  std::vector<std::string> datasets;  ///< full names, in the order of their names, groups in place
  /// What cannot be listed and why, each a sentence: links that lead nowhere, members without a name, groups deeper
  /// than 64, objects beyond the first 20000.
  std::vector<std::string> problems;
};

/// Visits every group once, by what it is and not by its name, so that groups that contain themselves come to an end.
/// `path` is for the messages. Needs hdf5_mutex().
Hdf5Contents hdf5_contents(hid_t file, const std::filesystem::path& path);

/// "'data' is a soft link to '/elsewhere', which is not there", or HDF5's reason when the link is none or is sound;
/// for a name that could not be opened. Needs hdf5_mutex().
std::string hdf5_link_text(hid_t file, const std::string& name);

}  // namespace phiscope
