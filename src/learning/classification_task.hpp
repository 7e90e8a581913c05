#pragma once
#include <memory>

#include "phiscope/learning/task.hpp"

namespace phiscope {

/// `task.kind: classification`: which class an item is of; K logits, or one of two classes.
std::unique_ptr<Task> make_classification(const TaskSettings& task, const LabelledData& data,
                                          const LabelledParts& parts, const Sampler& sampler);

/// The classes' probabilities as a table's columns.
std::unique_ptr<Prediction> read_class_prediction(const nlohmann::ordered_json& json);

}  // namespace phiscope
