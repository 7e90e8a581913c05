#pragma once
#include <memory>

#include "phiscope/learning/task.hpp"

namespace phiscope {

/// `task.kind: regression`: numbers, with their errors where `task.density` asks for more than a point.
std::unique_ptr<Task> make_regression(const TaskSettings& task, const LabelledData& data, const LabelledParts& parts,
                                      const Sampler& sampler);

/// Each target with its error as a table's columns.
std::unique_ptr<Prediction> read_regression_prediction(const nlohmann::ordered_json& json);

}  // namespace phiscope
