// Losses, optimisers, clipping and schedules, as a training uses them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "tiny_training.hpp"

namespace phiscope {
namespace {

using testing_data::name_for;
using Training = testing_data::TinyTraining;

/// Sees the mean of its slice, and nothing else.
const char* const mean_text = R"(
name: mean
layers:
  - average_pooling: {kernel: size}
  - flatten:
  - dense: {values: 1}
)";

class TrainerChoices : public testing::Test {
 protected:
  /// The lines of metrics.jsonl.
  std::vector<std::string> metrics(const Training& training) {
    world.barrier();
    std::ifstream file(training.folder() / "metrics.jsonl");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  std::string problem_of(Training& training) {
    try {
      training.run();
      return "";
    } catch (const AgreedError& problem) {
      return problem.what();
    }
  }

  Communicator world = Communicator::world();
};

bool holds(const std::string& line, const std::string& part) {
  return line.find(part) != std::string::npos;
}

TEST_F(TrainerChoices, EveryOptimiserGivesTheSameWeightsOnAnyNumberOfRanks) {
  for (const auto& name : neural::optimizer_names()) {
    Training together(world, name_for("together_" + name));
    Training alone(Communicator::self(), name_for("alone_" + name) + "_" + std::to_string(world.rank()));
    std::vector<std::vector<neural::NamedTensor>> weights;
    for (Training* training : {&together, &alone}) {
      training->settings.epochs = 1;
      training->settings.clip_norm = 0.1;
      training->settings.optimizer.name = name;
      training->settings.schedule.kind = neural::ScheduleKind::one_cycle;
      weights.push_back(training->run());
    }
    for (std::size_t i = 0; i < weights[0].size(); ++i)
      EXPECT_EQ(weights[0][i].values, weights[1][i].values) << name << ", " << weights[0][i].name;
  }
}

TEST_F(TrainerChoices, ALongGradientIsClippedToTheNorm) {
  // One step of sgd without momentum: as long as learning rate × clip_norm, in the gradient's own direction.
  const auto step_with = [&](double clip_norm) {
    Training training(world, name_for("clipped"));
    training.text = mean_text;
    training.settings.epochs = 1;
    training.settings.batch = 384;
    training.settings.clip_norm = clip_norm;
    // Unequal weights: a bias of 0 is far from where it belongs.
    training.settings.loss.class_weights = {1.0, 3.0};
    training.settings.optimizer = {.name = "sgd", .learning_rate = 0.5, .momentum = 0.0};
    auto network = training.make_network();
    network.initialise(training.settings.seed);
    const auto start = network.export_tensors();
    const auto end = training.run();
    std::vector<double> change;
    for (std::size_t i = 0; i < end.size(); ++i)
      for (std::size_t j = 0; j < end[i].values.size(); ++j)
        change.push_back(static_cast<double>(end[i].values[j]) - static_cast<double>(start[i].values[j]));
    return change;
  };
  const auto length = [](const std::vector<double>& vector) {
    double square = 0.0;
    for (const double value : vector) square += value * value;
    return std::sqrt(square);
  };
  const auto whole = step_with(0.0);
  const double norm = length(whole) / 0.5;
  ASSERT_GT(norm, 0.1);
  const auto clipped = step_with(0.25 * norm);
  EXPECT_NEAR(length(clipped), 0.25 * length(whole), 1e-4 * length(whole));
  for (std::size_t i = 0; i < whole.size(); ++i) EXPECT_NEAR(clipped[i], 0.25 * whole[i], 1e-4 * length(whole));
  EXPECT_EQ(step_with(2.0 * norm), whole) << "a short gradient is left alone";
}

TEST_F(TrainerChoices, ALossWithoutClassesHasNoAccuracy) {
  Training training(world, name_for("squares"));
  training.settings.loss.name = "mean_squared_error";
  training.run();
  const auto lines = metrics(training);
  ASSERT_EQ(lines.size(), 4U);
  for (const auto& line : lines) {
    EXPECT_TRUE(holds(line, "\"loss\":")) << line;
    EXPECT_FALSE(holds(line, "accuracy")) << line;
  }
}

TEST_F(TrainerChoices, ClassWeightsOfOneSideTeachThatSide) {
  // Nothing is to be learnt but the weighted frequency of the classes: with w₁ = 3·w₀ the constant logit is ln 3, at
  // which the loss is (3·ln(4/3) + ln 4)/2.
  Training training(world, name_for("weighted"));
  training.text = mean_text;
  training.settings.epochs = 25;
  training.settings.loss.class_weights = {1.0, 3.0};
  training.settings.optimizer = {.name = "adam", .learning_rate = 0.3};
  training.settings.schedule.kind = neural::ScheduleKind::cosine;
  training.run();
  EXPECT_NEAR(*training.state.best_loss, 0.5 * (3.0 * std::log(4.0 / 3.0) + std::log(4.0)), 0.02);
}

TEST_F(TrainerChoices, TheLearningRateIsRecorded) {
  Training training(world, name_for("rates"));
  training.settings.optimizer.learning_rate = 0.25;
  training.settings.schedule = {.kind = neural::ScheduleKind::step, .step_epochs = 1.0, .factor = 0.5};
  training.run();
  const auto lines = metrics(training);
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_TRUE(holds(lines[0], "\"learning_rate\":0.25,")) << lines[0];
  EXPECT_TRUE(holds(lines[2], "\"learning_rate\":0.125,")) << lines[2];
}

TEST_F(TrainerChoices, ALossThatTheNetworkDoesNotFitIsNamed) {
  Training training(world, name_for("misfit"));
  training.settings.loss.name = "gaussian_nll";
  const auto problem = problem_of(training);
  EXPECT_TRUE(holds(problem, "training.loss: the loss gaussian_nll takes two outputs")) << problem;
  EXPECT_TRUE(holds(problem, "the network gives 1 output")) << problem;
}

TEST_F(TrainerChoices, EveryLossThatTheOutputsFitIsTrainedAndValidated) {
  struct Choice {
    const char* loss;
    int outputs;
    bool classifies;
  };
  for (const auto& [loss, outputs, classifies] :
       {Choice{"gaussian_nll", 2, false}, Choice{"mixture_density", 6, false}, Choice{"moment_network", 2, false},
        Choice{"categorical_cross_entropy", 2, true}, Choice{"mean_absolute_error", 1, false}}) {
    Training training(world, name_for(loss));
    training.settings.epochs = 1;
    training.settings.loss.name = loss;
    training.settings.loss.components = 2;
    training.text = fmt::format("name: wide\nlayers:\n  - flatten:\n  - dense: {{values: {}}}\n", outputs);
    training.run();
    ASSERT_TRUE(training.state.best_loss.has_value()) << loss;
    EXPECT_TRUE(std::isfinite(*training.state.best_loss)) << loss;
    const auto lines = metrics(training);
    ASSERT_EQ(lines.size(), 2U) << loss;
    EXPECT_EQ(holds(lines[1], "\"accuracy\""), classifies) << lines[1];
  }
}

/// Three members in each group, as three gravities would be; the third reads the cubes of the first.
TEST_F(TrainerChoices, GroupsMayHaveThreeMembers) {
  Training training(world, name_for("three"));
  training.settings.epochs = 1;
  training.settings.loss.name = "categorical_cross_entropy";
  training.text = "name: three\nlayers:\n  - flatten:\n  - dense: {values: 3}\n";
  for (auto& group : training.pairs) {
    group.push_back(group.front());
    group.back().member = 2;
    group.back().key += 1000;
  }
  training.run();
  EXPECT_TRUE(std::isfinite(*training.state.best_loss));
  training.pairs.back().pop_back();
  EXPECT_TRUE(holds(problem_of(training), "a group of training items has 3 members and another 2"))
      << problem_of(training);
}

TEST_F(TrainerChoices, AWarmUpThatLeavesNothingIsNamed) {
  Training training(world, name_for("warm"));
  training.settings.schedule.warmup_epochs = 2;
  const auto problem = problem_of(training);
  EXPECT_TRUE(holds(problem, "training.schedule: a warm-up of 2 epochs leaves nothing")) << problem;
}

TEST_F(TrainerChoices, AGradientThatIsNotFiniteEndsAllRanksWhereItIsClipped) {
  Training training(world, name_for("exploding"));
  training.settings.clip_norm = 1.0;
  training.settings.optimizer = {.name = "sgd", .learning_rate = 1e30};
  EXPECT_NE(problem_of(training), "");
}

}  // namespace
}  // namespace phiscope
