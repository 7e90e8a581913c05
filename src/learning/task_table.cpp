#include <nlohmann/json.hpp>

#include "classification_task.hpp"
#include "field_task.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/learning/task.hpp"
#include "regression_task.hpp"

namespace phiscope {

const TaskTable& standard_tasks() {
  static const TaskTable tasks{{"classification", "which class an item is of", make_classification},
                               {"regression", "numbers, with their errors", make_regression},
                               {"fields", "a field of the same grid", make_field_task}};
  return tasks;
}

std::unique_ptr<Prediction> read_prediction(const nlohmann::ordered_json& json) {
  const auto task = json.value("task", std::string());
  if (task == "classification") return read_class_prediction(json);
  if (task == "regression") return read_regression_prediction(json);
  if (task == "fields") return read_field_prediction(json);
  fail("its task is '{}', expected classification, regression or fields", task);
}

}  // namespace phiscope
