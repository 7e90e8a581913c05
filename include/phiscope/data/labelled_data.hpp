#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "phiscope/data/data_settings.hpp"
#include "phiscope/data/item.hpp"
#include "phiscope/data/item_source.hpp"
#include "phiscope/data/normalisation.hpp"

namespace phiscope {

/// All items of a study, where their values come from, and what is known of them.
struct LabelledData {
  std::unique_ptr<ItemSource> source;
  std::vector<ItemGroup> groups;  ///< in the order of the files; all with as many members

  std::vector<std::string> classes;       ///< what the members are called, where a task tells them apart
  std::vector<std::string> target_names;  ///< numbers that the task asks for
  std::vector<double> target_values;      ///< rows (Item::label) × targets
  /// The smallest standard deviation that an unbiased estimate of each can have, where it is known; else empty.
  std::vector<double> target_bounds;

  std::vector<std::string> channel_names;           ///< columns of a table; of maps and cubes empty
  std::vector<Scaling> channel_scaling;             ///< how each channel is normalised by the training items
  std::string item_word, group_word = "row";        ///< "map", "simulation": as messages and results call them
  std::function<std::string(const Item&)> name_of;  ///< "sdss.csv:17", "simulation 3"
  std::vector<std::filesystem::path> files;         ///< that the values depend on, of all
};

/// The parts of the data: a group is in one of them at most.
struct LabelledParts {
  std::vector<ItemGroup> train, validation, test;
};

}  // namespace phiscope
