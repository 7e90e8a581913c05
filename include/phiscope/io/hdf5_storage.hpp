#pragma once
#include <hdf5.h>

#include <filesystem>
#include <string>

namespace phiscope {

/// Where HDF5 keeps the values of a dataset.
enum class Hdf5Layout { compact, contiguous, external, chunked, virtual_sources };

/// "compact", "contiguous", "external", "chunked", "virtual".
std::string hdf5_layout_name(Hdf5Layout layout);

/// Needs hdf5_mutex().
Hdf5Layout hdf5_layout_of(hid_t dataset);

/// Throws Error unless every value of an open dataset was written and can be had: HDF5 gives zeros, or another fill
/// value, for what is not there, and does not say so. Looks at headers and indices only. Refuses, naming the file, the
/// dataset and the place:
/// - storage that was never reserved, or lies beyond the end of the file;
/// - chunks that were never written or are not found in the index, and filters that this program does not have;
/// - external raw files (H5Pset_external) that are missing or too short;
/// - virtual datasets with parts that no source fills, or whose source file or dataset is missing or too small (and
///   of the sources' own datasets all of the above).
/// `file` and `name` are for the messages. Every dataset that is computed on goes through here. Needs hdf5_mutex().
void require_all_written(hid_t dataset, const std::filesystem::path& file, const std::string& name);

}  // namespace phiscope
