#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "phiscope/base/random.hpp"
#include "phiscope/io/hdf5_reader.hpp"
#include "phiscope/learning/posterior.hpp"
#include "task_of.hpp"

namespace phiscope {
namespace {

using test::contains;
using testing_learning::Asked;
using testing_learning::loss_of;
using testing_learning::said;
using Json = nlohmann::ordered_json;

std::unique_ptr<Task> task_with(const std::string& density, std::int64_t components = 4) {
  Asked asked;
  asked.settings.density = density;
  asked.settings.components = components;
  return asked.make("regression");
}

TEST(RegressionTask, TheLossFollowsFromTheDensity) {
  EXPECT_EQ(loss_of(*task_with("point"), "auto"), "mean_squared_error");
  EXPECT_EQ(loss_of(*task_with("point"), "mean_absolute_error"), "mean_absolute_error");
  EXPECT_EQ(loss_of(*task_with("gaussian"), "auto"), "gaussian_nll");
  EXPECT_EQ(loss_of(*task_with("mixture"), "auto"), "mixture_density");
  EXPECT_EQ(loss_of(*task_with("moments"), "auto"), "moment_network");
  EXPECT_EQ(task_with("mixture", 7)->loss({.name = "auto"}).components, 7);
  EXPECT_TRUE(contains(loss_of(*task_with("gaussian"), "mean_squared_error"), "expected auto or gaussian_nll"));
  EXPECT_TRUE(contains(loss_of(*task_with("point"), "binary_cross_entropy"), "task.density is point"));
}

TEST(RegressionTask, ANetworkGivesWhatTheLossTakes) {
  for (const auto& density : {"point", "gaussian", "mixture", "moments"}) {
    const auto task = task_with(density, 3);
    const auto parameters = task->network_parameters(task->loss({.name = "auto"}));
    ASSERT_EQ(parameters[0].first, "outputs");
    EXPECT_EQ(parameters[1], (std::pair<std::string, double>{"targets", 2}));
    EXPECT_NO_THROW(neural::Loss::make(task->loss({.name = "auto"}))
                        ->check_outputs(static_cast<std::int64_t>(parameters[0].second), task->targets().values()))
        << density;
  }
}

TEST(RegressionTask, TargetsAreScaledByTheTrainingItems) {
  Asked asked;
  const auto scaled = [&](Scaling scaling, std::uint64_t row) {
    asked.settings.scaling = scaling;
    std::vector<float> target(2);
    asked.make("regression")->targets().write({.label = row}, target);
    return target;
  };
  // Of the rows 0 to 5: a from 10 to 20, b from 0 to 25.
  EXPECT_EQ(scaled(Scaling::none, 3), (std::vector<float>{16, 9}));
  EXPECT_FLOAT_EQ(scaled(Scaling::min_max, 5)[1], 1.0F);
  EXPECT_FLOAT_EQ(scaled(Scaling::min_max, 8)[0], 1.6F);
  EXPECT_FLOAT_EQ(scaled(Scaling::symmetric, 0)[0], -1.0F);
  EXPECT_FLOAT_EQ(scaled(Scaling::standard, 5)[0], static_cast<float>(5.0 / std::sqrt(35.0 / 3.0)));
  asked.settings.scaling = Scaling::log;
  EXPECT_TRUE(contains(asked.problem("regression"), "task.scaling is log, expected"));
}

TEST(RegressionTask, ATargetThatDoesNotVaryIsRefused) {
  Asked asked;
  for (std::size_t i = 0; i < 6; ++i) asked.data.target_values[2 * i + 1] = 4.0;  // the test rows vary
  const auto problem = asked.problem("regression");
  EXPECT_TRUE(contains(problem, "the target 'b' does not vary: it is 4 for all 6 training items")) << problem;
  asked.data.target_names = {};
  EXPECT_TRUE(contains(asked.problem("regression"), "task.targets is empty"));
}

TEST(RegressionTask, NumbersAreSaidInTheirOwnUnits) {
  const auto task = task_with("gaussian");
  EXPECT_EQ(task->prediction().columns(), (std::vector<std::string>{"a", "a_error", "b", "b_error"}));
  const auto columns = said(task->prediction(), {1, 0, 0, std::log(4.0F)});
  const double deviation_a = std::sqrt(35.0 / 3.0);
  EXPECT_NEAR(columns[0], 15.0 + deviation_a, 1e-6);
  EXPECT_NEAR(columns[1], deviation_a, 1e-6);
  EXPECT_NEAR(columns[2], 55.0 / 6.0, 1e-6);
  EXPECT_EQ(task_with("point")->prediction().columns(), (std::vector<std::string>{"a", "b"}));
}

TEST(RegressionTask, SamplesOfAnItemShareItsError) {
  // Means 1 and 3, deviations 1 and 7 (scaled): 2 ± 5 = √((1 + 49)/2), no less for being two.
  const auto task = task_with("moments");
  const auto one = said(task->prediction(), {0, 0, 1, 1}), both = said(task->prediction(), {1, 0, 1, 1, 3, 0, 7, 1}, 2);
  const double scale = one[1], shift = one[0];
  EXPECT_NEAR(both[0], shift + 2.0 * scale, 1e-9);
  EXPECT_NEAR(both[1], 5.0 * scale, 1e-9);
}

TEST(RegressionTask, APredictionIsReadBackFromItsText) {
  for (const auto& density : {"point", "gaussian", "mixture", "moments"}) {
    const auto task = task_with(density, 2);
    const auto again = read_prediction(Json::parse(task->prediction().to_json().dump()));
    EXPECT_EQ(again->columns(), task->prediction().columns());
    std::vector<float> outputs(
        static_cast<std::size_t>(task->network_parameters(task->loss({.name = "auto"}))[0].second));
    for (std::size_t i = 0; i < outputs.size(); ++i) outputs[i] = 0.3F * static_cast<float>(i) - 1.0F;
    EXPECT_EQ(said(*again, outputs), said(task->prediction(), outputs)) << density;
  }
}

TEST(RegressionTask, ExplainsTheMeanOfTheFirstTarget) {
  for (const auto& density : {"point", "gaussian", "mixture", "moments"}) {
    const auto task = task_with(density, 3);
    const auto count = static_cast<std::size_t>(task->network_parameters(task->loss({.name = "auto"}))[0].second);
    RandomStream random(RandomPurpose::shuffle, 2);
    std::vector<float> outputs(count);
    for (float& value : outputs) value = static_cast<float>(random.normal());
    std::vector<float> gradient(count, 0.0F);
    task->explain({}, outputs, gradient);
    const double scale = std::sqrt(35.0 / 3.0);
    for (std::size_t i = 0; i < count; ++i) {
      constexpr float step = 1.0F / 64;
      auto above = outputs, below = outputs;
      above[i] += step;
      below[i] -= step;
      const double difference = (said(task->prediction(), above)[0] - said(task->prediction(), below)[0]) / scale;
      EXPECT_NEAR(gradient[i], difference / (static_cast<double>(above[i]) - below[i]), 2e-4) << density << i;
    }
  }
}

/// Two maps of each of the simulations 8 and 9, told by means of exactly their numbers.
ScoredPart exact_part(double deviation) {
  ScoredPart part{.name = "test", .items = {}, .per_item = 1, .outputs = {}, .targets = {}, .inputs = {}};
  const double mean_a = 15, scale_a = std::sqrt(35.0 / 3.0);
  double mean_b = 0, scale_b = 0;
  for (int i = 0; i < 6; ++i) mean_b += i * i / 6.0;
  for (int i = 0; i < 6; ++i) scale_b += (i * i - mean_b) * (i * i - mean_b) / 6.0;
  scale_b = std::sqrt(scale_b);
  for (const std::uint64_t simulation : {8U, 9U, 8U, 9U}) {
    part.items.push_back({.group = simulation, .label = simulation});
    const auto row = static_cast<double>(simulation);
    part.outputs.push_back(static_cast<float>((10 + 2 * row - mean_a) / scale_a));
    part.outputs.push_back(static_cast<float>((row * row - mean_b) / scale_b));
    part.outputs.push_back(static_cast<float>(deviation));
    part.outputs.push_back(static_cast<float>(deviation));
  }
  return part;
}

TEST(RegressionTask, ScoresSamplesAndWhatTheirGroupSaysTogether) {
  Asked asked;
  asked.settings.density = "moments";
  asked.data.group_word = "simulation";
  asked.data.target_bounds.assign(20, 1.0);
  const auto task = asked.make("regression");
  const test::TemporaryFolder folder;
  Hdf5Writer file(folder / "scores.h5");
  Json summary;
  task->score(exact_part(0.5), {}, summary, file);
  file.commit();
  const auto& of_samples = summary["test"]["row"];
  EXPECT_NEAR(of_samples["a"]["rmse"].get<double>(), 0.0, 1e-5);
  EXPECT_NEAR(of_samples["b"]["r2"].get<double>(), 1.0, 1e-9);
  EXPECT_NEAR(of_samples["a"]["error_over_bound"].get<double>(), 0.0, 1e-5);
  EXPECT_EQ(of_samples["a"]["coverage68"], 1.0);
  EXPECT_EQ(of_samples["samples"], 4);
  EXPECT_EQ(of_samples["groups"], 2);
  EXPECT_EQ(summary["test"]["simulation"]["samples"], 2);
  const Hdf5Reader reader(folder / "scores.h5");
  EXPECT_EQ(reader.shape("test/row/prediction"), (std::vector<std::uint64_t>{4, 2}));
  EXPECT_EQ(reader.shape("test/simulation/error"), (std::vector<std::uint64_t>{2, 2}));
  const auto rank = reader.read<double>("test/row/rank");
  for (const double value : rank) EXPECT_NEAR(value, 0.5, 1e-4);
}

TEST(RegressionTask, AGroupMayBeCalledAsItsSamples) {
  Asked asked;  // as of a table whose column of groups is called row
  asked.settings.density = "moments";
  asked.data.group_word = "row";
  const auto task = asked.make("regression");
  const test::TemporaryFolder folder;
  Hdf5Writer file(folder / "scores.h5");
  Json summary;
  EXPECT_EQ(test::error_of([&] { task->score(exact_part(0.5), {}, summary, file); }), "");
  EXPECT_EQ(summary["test"]["row"]["samples"], 4);
}

TEST(RegressionTask, ADeviationOfZeroIsScoredWithNumbers) {
  Asked asked;
  asked.settings.density = "moments";
  asked.data.group_word = "simulation";
  const auto task = asked.make("regression");
  const test::TemporaryFolder folder;
  Hdf5Writer file(folder / "scores.h5");
  Json summary;
  task->score(exact_part(0.0), {}, summary, file);
  EXPECT_TRUE(std::isfinite(summary["test"]["row"]["a"]["log_likelihood"].get<double>()));
}

}  // namespace
}  // namespace phiscope
