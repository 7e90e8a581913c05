#pragma once
#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>
#include <vector>

#include "phiscope/data/labelled_data.hpp"
#include "phiscope/data/sampler.hpp"
#include "phiscope/io/hdf5_writer.hpp"
#include "phiscope/learning/bootstrap.hpp"
#include "phiscope/learning/scored_part.hpp"
#include "phiscope/learning/targets.hpp"
#include "phiscope/neural/loss.hpp"

namespace phiscope {

/// How the outputs of a trained network are to be read: what `phiscope predict` needs beside the network itself.
class Prediction {
 public:
  virtual ~Prediction() = default;

  /// Whether outputs are fields, with no row to a sample.
  virtual bool is_field() const { return false; }
  /// Names of what is said of an item: columns of a table.
  virtual std::vector<std::string> columns() const = 0;
  /// What the first column says, where it is not a number but a place in this list.
  virtual std::vector<std::string> words() const { return {}; }
  /// A number for each column, from what the network gave for all samples of an item, each in its own row. In the
  /// targets' own units.
  virtual void read(std::span<const float> outputs, std::int64_t samples, std::span<double> columns) const = 0;
  /// What read_prediction() needs to make it again.
  virtual nlohmann::ordered_json to_json() const = 0;
};

/// What a study asks its network: targets and their scaling, the loss, the scores, and how outputs are read.
class Task {
 public:
  virtual ~Task() = default;

  virtual const Targets& targets() const = 0;
  /// The loss that fits, given what the study says of losses. Throws Error when the study wants another kind.
  virtual neural::LossSettings loss(const neural::LossSettings& wanted) const = 0;
  /// Values that a network may name in its file (`outputs`, `targets`, …), so that one file serves any number of them.
  /// `loss` is what loss() gave.
  virtual std::vector<std::pair<std::string, double>> network_parameters(const neural::LossSettings& loss) const = 0;
  virtual const Prediction& prediction() const = 0;

  /// Adds the scores of one part to `summary` (evaluation.json), and to `file`, below its name, what they were made
  /// from. Says the main ones in the log.
  virtual void score(const ScoredPart& part, const Bootstrap& bootstrap, nlohmann::ordered_json& summary,
                     Hdf5Writer& file) const = 0;
  /// The number that an explanation explains (a class's logit, a target's mean), as its gradient with respect to the
  /// outputs of one sample of `item`. `gradient` comes filled with 0.
  virtual void explain(const Item& item, std::span<const float> outputs, std::span<float> gradient) const = 0;
};

/// A kind of task that a study may name (`task.kind`).
struct TaskKind {
  std::string name;
  std::string summary;
  /// Scales targets by the training groups alone. Throws Error where data and task do not fit.
  std::unique_ptr<Task> (*make)(const TaskSettings& task, const LabelledData& data, const LabelledParts& parts,
                                const Sampler& sampler) = nullptr;
};

using TaskTable = std::vector<TaskKind>;

/// The one description of all tasks; the settings read it.
const TaskTable& standard_tasks();

/// What Prediction::to_json() gave. Throws Error for anything else.
std::unique_ptr<Prediction> read_prediction(const nlohmann::ordered_json& json);

}  // namespace phiscope
