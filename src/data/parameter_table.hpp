#pragma once
#include <string>
#include <vector>

#include "phiscope/data/labelled_data.hpp"

namespace phiscope {

/// Fills target_names, target_values (one row for each simulation) and files from `data.parameters`, as far as the task
/// asks for numbers. `simulations` are their names, in order: row i is of simulation i, or, where
/// `data.parameters_key` names a column, that of this name. Throws Error where a row is missing or left over.
void read_parameters(const DataSettings& data, const TaskSettings& task, const std::vector<std::string>& simulations,
                     LabelledData& labelled);

}  // namespace phiscope
