#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <numeric>

#include "phiscope/io/hdf5_reader.hpp"
#include "task_of.hpp"

namespace phiscope {
namespace {

using test::contains;
using testing_learning::Asked;
using testing_learning::loss_of;
using Json = nlohmann::ordered_json;

constexpr std::int64_t n = 4;

struct AskedFields : Asked {
  AskedFields(std::int64_t inputs, std::int64_t targets, SampleKind sample) {
    ItemShape shape = ItemShape::cube(inputs + targets, n);
    shape.target_channels = targets;
    data.source = std::make_unique<testing_learning::ShapeSource>(shape);
    dataset.sample = sample;
    dataset.subcube.size = 2;
  }
};

TEST(FieldTask, TheLossIsOfValues) {
  const auto task = AskedFields(1, 1, SampleKind::cube).make("fields");
  EXPECT_EQ(loss_of(*task, "auto"), "mean_squared_error");
  EXPECT_EQ(loss_of(*task, "mean_absolute_error"), "mean_absolute_error");
  EXPECT_TRUE(contains(loss_of(*task, "gaussian_nll"), "task.kind is fields: expected auto,"));
}

TEST(FieldTask, ANetworkGivesTheTargetsChannels) {
  const auto task = AskedFields(1, 3, SampleKind::cube).make("fields");
  EXPECT_EQ(task->network_parameters(task->loss({.name = "auto"})),
            (std::vector<std::pair<std::string, double>>{{"outputs", 3}}));
  EXPECT_EQ(task->targets().values(), 3 * n * n * n);
  EXPECT_TRUE(task->targets().are_fields());
  EXPECT_EQ(AskedFields(1, 3, SampleKind::subcube).make("fields")->targets().values(), 3 * 2 * 2 * 2);
  EXPECT_EQ(AskedFields(1, 3, SampleKind::slice).make("fields")->targets().values(), 3 * n * n);
}

TEST(FieldTask, DataWithoutTargetFieldsIsRefused) {
  EXPECT_TRUE(contains(Asked().problem("fields"), "the data has no target fields"));
}

TEST(FieldTask, ExplainsTheMiddleOfTheFirstChannel) {
  for (const auto sample : {SampleKind::cube, SampleKind::subcube, SampleKind::slice}) {
    const auto task = AskedFields(1, 2, sample).make("fields");
    const auto values = static_cast<std::size_t>(task->targets().values());
    std::vector<float> gradient(n * n * n * 4, 0.0F);  // longer than asked for, so that what is beyond shows
    task->explain({}, {}, std::span(gradient).first(values));
    const std::size_t side = sample == SampleKind::subcube ? 2 : n, middle = side / 2;
    const std::size_t place =
        sample == SampleKind::slice ? side * middle + middle : (side * middle + middle) * side + middle;
    EXPECT_EQ(gradient[place], 1.0F);
    EXPECT_EQ(std::accumulate(gradient.begin(), gradient.end(), 0.0F), 1.0F);
  }
}

TEST(FieldTask, APredictionIsReadBackFromItsText) {
  const auto task = AskedFields(2, 3, SampleKind::cube).make("fields");
  const auto again = read_prediction(Json::parse(task->prediction().to_json().dump()));
  EXPECT_TRUE(again->is_field());
  EXPECT_EQ(again->to_json(), task->prediction().to_json());
}

/// One cube with target = 3 + 2·input of its own units, and outputs that are off by `error` of its deviation.
ScoredPart linear_part(float error) {
  ScoredPart part{.name = "test",
                  .items = {{.group = 1}, {.group = 2}},
                  .per_item = 1,
                  .outputs = {},
                  .targets = {},
                  .inputs = {},
                  .normalisation = {{10, 23}, {1, 4}}};
  for (int i = 0; i < 2 * n * n * n; ++i) {
    const auto input = static_cast<float>((i * 37 % 101) / 10.0 - 5.0);
    part.inputs.push_back(input);          // own: 10 + input
    part.targets.push_back(input / 2.0F);  // own: 23 + 2·input
    part.outputs.push_back(part.targets.back() + error);
  }
  return part;
}

TEST(FieldTask, ErrorsAreInTheTargetsOwnUnits) {
  const auto task = AskedFields(1, 1, SampleKind::cube).make("fields");
  const test::TemporaryFolder folder;
  Hdf5Writer file(folder / "scores.h5");
  Json summary;
  const auto part = linear_part(0.5F);
  task->score(part, {}, summary, file);
  file.commit();
  const auto& scores = summary["test"]["cube"];
  EXPECT_NEAR(scores["mse"].get<double>(), 4.0, 1e-5);  // (0.5·4)²
  EXPECT_NEAR(scores["mse_error"].get<double>(), 0.0, 1e-5);
  double baseline = 0;  // of the input itself: (13 + input)²
  for (const float input : part.inputs) baseline += (13.0 + input) * (13.0 + input);
  EXPECT_NEAR(scores["baseline_mse"].get<double>(), baseline / static_cast<double>(part.inputs.size()), 1e-3);
  EXPECT_EQ(scores["baseline"], "the input itself");
  EXPECT_EQ(scores["groups"], 2);
  const Hdf5Reader reader(folder / "scores.h5");
  for (const double r : reader.read<double>("test/cube/correlation")) EXPECT_NEAR(r, 1.0, 1e-6);
  for (const double t : reader.read<double>("test/cube/transfer")) EXPECT_NEAR(t, 1.0, 1e-6);
}

TEST(FieldTask, SamplesThatAreNoCubesHaveNoSpectra) {
  const auto task = AskedFields(1, 1, SampleKind::slice).make("fields");
  const test::TemporaryFolder folder;
  Hdf5Writer file(folder / "scores.h5");
  Json summary;
  auto part = linear_part(0.5F);
  part.per_item = n;
  task->score(part, {}, summary, file);
  EXPECT_NEAR(summary["test"]["slice"]["mse"].get<double>(), 4.0, 1e-5);
  EXPECT_FALSE(summary["test"]["slice"].contains("correlation_at_half_nyquist"));
}

}  // namespace
}  // namespace phiscope
