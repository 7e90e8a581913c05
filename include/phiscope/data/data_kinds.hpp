#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "phiscope/data/labelled_data.hpp"

namespace phiscope {

/// A kind of data that a study may name (`data.kind`).
struct DataKind {
  std::string name;
  std::string summary;
  /// Opens files and tables and reads what labels the items, not their values. Throws Error for bad files, and settings
  /// that have no meaning.
  LabelledData (*open)(const DataSettings& data, const TaskSettings& task) = nullptr;
  /// Opens files of this kind without labels, for a network that takes so many channels (of a table: columns). Null
  /// where only labelled data is known.
  LabelledData (*open_unlabelled)(const DataSettings& data, std::span<const std::filesystem::path> files,
                                  std::int64_t channels) = nullptr;
};

using DataKindTable = std::vector<DataKind>;

/// The one description of all kinds; the settings read it.
const DataKindTable& standard_data_kinds();

}  // namespace phiscope
