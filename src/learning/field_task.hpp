#pragma once
#include <memory>

#include "phiscope/learning/task.hpp"

namespace phiscope {

/// `task.kind: fields`: a field of the same grid for each input.
std::unique_ptr<Task> make_field_task(const TaskSettings& task, const LabelledData& data, const LabelledParts& parts,
                                      const Sampler& sampler);

std::unique_ptr<Prediction> read_field_prediction(const nlohmann::ordered_json& json);

}  // namespace phiscope
