#pragma once
#include <memory>
#include <string>
#include <vector>

#include "../io/temporary_folder.hpp"
#include "phiscope/data/item_source.hpp"
#include "phiscope/learning/task.hpp"

namespace phiscope::testing_learning {

/// A source of which the shape is asked and nothing else.
class ShapeSource : public ItemSource {
 public:
  explicit ShapeSource(const ItemShape& shape) : shape_(shape) {}
  ItemShape shape() const noexcept override { return shape_; }
  std::vector<float> make(ItemId) const override { return std::vector<float>(shape_.values()); }

 private:
  ItemShape shape_;
};

/// Items of groups of their own, each with its row of numbers.
inline std::vector<ItemGroup> rows(std::uint64_t begin, std::uint64_t end) {
  std::vector<ItemGroup> groups;
  for (std::uint64_t i = begin; i < end; ++i)
    groups.push_back({{.group = i, .member = static_cast<std::int32_t>(i % 2), .key = i, .id = {0, i}, .label = i}});
  return groups;
}

/// Ten rows, six of which are learnt from, of the targets a = 10 + 2·row and b = row².
struct Asked {
  Asked() {
    data.source = std::make_unique<ShapeSource>(ItemShape::row(3));
    data.target_names = {"a", "b"};
    for (int i = 0; i < 10; ++i) data.target_values.insert(data.target_values.end(), {10.0 + 2.0 * i, 1.0 * i * i});
    data.item_word = "row";
    parts = {rows(0, 6), rows(6, 8), rows(8, 10)};
    dataset.sample = SampleKind::row;
  }
  std::unique_ptr<Task> make(const std::string& kind) const {
    const auto sampler = Sampler::make(dataset, data.source->shape());
    for (const TaskKind& known : standard_tasks())
      if (known.name == kind) return known.make(settings, data, parts, *sampler);
    return nullptr;
  }
  std::string problem(const std::string& kind) const {
    return test::error_of([&] { make(kind); });
  }

  LabelledData data;
  LabelledParts parts;
  TaskSettings settings;
  DatasetSettings dataset;
};

/// The loss that a task takes where the study says `name`, or what it says against it.
inline std::string loss_of(const Task& task, const std::string& name) {
  std::string taken;
  const auto problem = test::error_of([&] { taken = task.loss({.name = name}).name; });
  return problem.empty() ? taken : problem;
}

/// What a prediction says of outputs.
inline std::vector<double> said(const Prediction& prediction, const std::vector<float>& outputs,
                                std::int64_t samples = 1) {
  std::vector<double> columns(prediction.columns().size());
  prediction.read(outputs, samples, columns);
  return columns;
}

}  // namespace phiscope::testing_learning
