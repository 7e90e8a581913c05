#pragma once
#include <hdf5.h>

#include <filesystem>
#include <string>

#include "phiscope/io/hdf5_handle.hpp"

namespace phiscope {

// Other files that an HDF5 file leads to. HDF5 opens them by itself, whatever they are; nothing here does.

/// The file in which an open object lies: after an external link not the one that was opened. Needs hdf5_mutex().
std::filesystem::path hdf5_file_of(hid_t object);

/// Where HDF5 finds the file `name` that `parent` mentions as a virtual source or the target of an external link: the
/// first that exists of the folders in the environment variable `prefix_variable`, the folder of `parent`, the working
/// directory, and the folder that `parent` really lies in should it be a link. Empty when there is none.
std::filesystem::path find_hdf5_source(const std::filesystem::path& parent, const std::string& name,
                                       const char* prefix_variable);

/// Where HDF5 finds the raw file `name` that a dataset of `parent` keeps its values in; whether it exists or not.
/// Without the environment variable HDF5_EXTFILE_PREFIX a relative name means the working directory to HDF5; should
/// it not be there, the folder of `parent` is tried too.
std::filesystem::path find_external_file(const std::filesystem::path& parent, const std::string& name);

/// The file name of a source of a virtual dataset, from its creation properties; "." is the file itself.
std::string hdf5_source_file(hid_t properties, std::size_t index);

/// Properties for looking at links and opening objects: external links lead to regular files only (opening a pipe
/// would never end).
Hdf5PropertyHandle hdf5_link_access();

/// Why an external link was not followed with hdf5_link_access() since this was last asked; "" when none was refused.
/// Needs hdf5_mutex().
std::string hdf5_link_problem();

/// Opens a dataset, after a look at what HDF5 would read for it: sources that exist and are no regular files are
/// refused, and external raw files are looked for beside the file too. Needs hdf5_mutex().
Hdf5DatasetHandle open_hdf5_dataset(hid_t file, const std::filesystem::path& path, const std::string& name);

}  // namespace phiscope
