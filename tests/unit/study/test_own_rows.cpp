// What a program of one's own adds to the tables: a kind of data, a task and an engine, each used by a small study.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "../io/shared_folder.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/study/study.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using Json = nlohmann::json;

/// A study in a folder of its own.
struct OwnStudy {
  explicit OwnStudy(const StudyTables& tables) {
    request = {.file = shared.path() / "my.yaml", .output = shared.path() / "run", .quiet = true, .tables = tables};
  }
  /// Runs it with what `text` says beside the network and its training.
  void run(const std::string& text) const {
    const auto world = Communicator::world();
    const std::string network = std::string(PHISCOPE_SOURCE_DIR) + "/config/networks/mlp.yaml";
    if (world.is_root())
      test::write_bytes(request.file, text + "\nnetwork: {file: " + network +
                                          ", parameters: {layers: 1, width: 16, dropout: 0}}\n"
                                          "training: {epochs: 60, batch: 8, lanes: 1, patience: 0, optimizer: {name: "
                                          "adam, learning_rate: 0.02}}\n");
    world.barrier();
    Study(world, request).run();
    world.barrier();
  }
  Json evaluation() const { return Json::parse(test::read_bytes(shared.path() / "run/evaluation.json")); }

  test::SharedFolder shared;
  StudyRequest request;
};

/// Points on a circle of radius x: two numbers to see, one to tell.
class CircleSource : public ItemSource {
 public:
  ItemShape shape() const noexcept override { return ItemShape::row(2); }
  static double radius(std::uint64_t i) { return 1.0 + 0.01 * static_cast<double>(i); }
  std::vector<float> make(ItemId id) const override {
    const double angle = 2.4 * static_cast<double>(id.within), r = radius(id.within);
    return {static_cast<float>(r * std::cos(angle)), static_cast<float>(r * std::sin(angle))};
  }
};

DataKind circles() {
  return {.name = "circles", .summary = "points on circles", .open = [](const DataSettings& data, const TaskSettings&) {
            LabelledData circles;
            circles.source = std::make_unique<CircleSource>();
            for (std::uint64_t i = 0; i < 200; ++i) {
              circles.groups.push_back({{.group = i, .key = i, .id = {0, i}, .label = i}});
              circles.target_values.push_back(CircleSource::radius(i));
            }
            circles.target_names = {"radius"};
            circles.channel_scaling.assign(2, data.scaling);
            circles.item_word = "point";
            circles.name_of = [](const Item& item) { return "point " + std::to_string(item.label); };
            return circles;
          }};
}

TEST(OwnDataKind, IsARowOfTheTable) {
  StudyTables tables;
  tables.data_kinds.push_back(circles());
  const OwnStudy study(tables);
  study.run(
      "stages: [train, evaluate, explain]\ndata: {kind: circles}\ntask: {kind: regression}\ndataset: {sample: row}");
  const auto scores = study.evaluation()["test"]["row"];
  EXPECT_EQ(scores["samples"], 20);
  EXPECT_GT(scores["radius"]["r2"].get<double>(), 0.5);
}

TEST(OwnDataKind, ItsNameIsKnownWhereItIsMistyped) {
  StudyTables tables;
  tables.data_kinds.push_back(circles());
  const OwnStudy study(tables);
  const auto problem =
      error_of([&] { study.run("data: {kind: cirlces}\ntask: {kind: regression}\ndataset: {sample: row}"); });
  EXPECT_TRUE(contains(problem, "circles")) << problem;
}

/// What a network says of the first target, as it is.
class FirstNumber : public Prediction {
 public:
  std::vector<std::string> columns() const override { return {"number"}; }
  void read(std::span<const float> outputs, std::int64_t, std::span<double> columns) const override {
    columns[0] = outputs[0];
  }
  nlohmann::ordered_json to_json() const override { return {{"task", "number"}}; }
};

/// The largest error of a number, with no scaling.
class NumberTask : public Task {
 public:
  explicit NumberTask(const LabelledData& data) : targets_(data.target_values, {0.0}, {1.0}) {}
  const Targets& targets() const override { return targets_; }
  neural::LossSettings loss(const neural::LossSettings&) const override { return {.name = "mean_absolute_error"}; }
  std::vector<std::pair<std::string, double>> network_parameters(const neural::LossSettings&) const override {
    return {{"outputs", 1}};
  }
  const Prediction& prediction() const override { return prediction_; }
  void score(const ScoredPart& part, const Bootstrap&, nlohmann::ordered_json& summary, Hdf5Writer&) const override {
    float largest = 0;
    for (std::size_t i = 0; i < part.samples(); ++i)
      largest = std::max(largest, std::abs(part.row(i)[0] - part.target(i)[0]));
    summary[part.name]["largest_error"] = largest;
  }
  void explain(const Item&, std::span<const float>, std::span<float> gradient) const override { gradient[0] = 1.0F; }

 private:
  ScaledTargets targets_;
  FirstNumber prediction_;
};

TEST(OwnTask, IsARowOfTheTable) {
  StudyTables tables;
  tables.data_kinds.push_back(circles());
  tables.tasks.push_back({"number", "a number as it is",
                          [](const TaskSettings&, const LabelledData& data, const LabelledParts&, const Sampler&) {
                            return std::unique_ptr<Task>(std::make_unique<NumberTask>(data));
                          }});
  const OwnStudy study(tables);
  study.run("stages: [train, evaluate]\ndata: {kind: circles}\ntask: {kind: number}\ndataset: {sample: row}");
  const auto evaluation = study.evaluation();
  EXPECT_EQ(evaluation["task"], "number");
  EXPECT_LT(evaluation["test"]["largest_error"].get<double>(), 1.0);
}

/// A table of sums.
void make_sums(const Communicator& ranks, const SimulationRequest& request) {
  together(ranks, [&] {
    if (!ranks.is_root() || std::filesystem::exists(request.data.table)) return;
    std::string text = "a,b,sum\n";
    for (std::int64_t i = 0; i < request.simulate.simulations; ++i)
      text += std::to_string(i % 7) + "," + std::to_string(i % 5) + "," + std::to_string(i % 7 + i % 5) + "\n";
    test::write_bytes(request.data.table, text);
  });
}

TEST(OwnEngine, IsARowOfTheTable) {
  StudyTables tables;
  tables.engines.push_back({"sums", "a table of sums", make_sums});
  const OwnStudy study(tables);
  study.run(
      "stages: [simulate, train, evaluate]\nsimulate: {engine: sums, simulations: 120}\ndata: {kind: table, table: " +
      (study.shared.path() / "sums.csv").string() +
      ", columns: [a, b]}\ntask: {kind: regression, targets: [sum], density: gaussian}");
  const auto scores = study.evaluation()["test"]["row"];
  EXPECT_EQ(scores["samples"], 12);
  EXPECT_GT(scores["sum"]["r2"].get<double>(), 0.9);
}

}  // namespace
}  // namespace phiscope
