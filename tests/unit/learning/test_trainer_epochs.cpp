// The end of an epoch: its statistics, its validation, and a stop that falls there.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "phiscope/base/stop_request.hpp"
#include "phiscope/io/safetensors.hpp"
#include "phiscope/learning/sample_scorer.hpp"
#include "phiscope/neural/loss.hpp"
#include "tiny_training.hpp"

namespace phiscope {
namespace {

using testing_data::name_for;
using Training = testing_data::TinyTraining;
using Tensors = std::vector<neural::NamedTensor>;

constexpr std::size_t slices = 3 * 32;

/// Sees the mean of its slice, and nothing else. There are no statistics to measure.
const char* const mean_text = R"(
name: mean
layers:
  - average_pooling: {kernel: size}
  - flatten:
  - dense: {values: 1}
)";

/// The network of a checkpoint.
Tensors network_in(const std::filesystem::path& checkpoint) {
  Tensors tensors;
  for (auto& tensor : read_safetensors(checkpoint).tensors)
    if (tensor.name.starts_with("network/"))
      tensors.push_back({tensor.name.substr(8), tensor.shape, std::move(tensor.values)});
  return tensors;
}

/// By name: a file may hold its tensors in another order.
bool same(Tensors a, Tensors b) {
  const auto by_name = [](const auto& x, const auto& y) { return x.name < y.name; };
  std::sort(a.begin(), a.end(), by_name);
  std::sort(b.begin(), b.end(), by_name);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.name == y.name && x.values == y.values; });
}

/// The mean loss of a network on the slices of the validation runs.
double validation_loss(const Communicator& ranks, Training& training, const Tensors& tensors) {
  auto network = training.make_network();
  network.import_tensors(tensors);
  const auto logits =
      sample_outputs(ranks, training.store(), training.normalisation, training.sampler(), network, training.validation);
  std::vector<float> targets;
  for (const auto& run : training.validation) targets.insert(targets.end(), slices, static_cast<float>(run.member));
  return neural::Loss::make({})->evaluate(logits, targets, static_cast<std::int64_t>(targets.size()), {});
}

class TrainerEpochs : public testing::Test {
 protected:
  void TearDown() override { clear_stop_request(); }

  /// Trains straight through, and with a stop request before each of the first `stops` attempts: the same result.
  void expect_stops_change_nothing(const std::string& name, const TrainingSettings& settings, int stops) {
    Training straight(world, name_for(name + "_straight"));
    straight.settings = settings;
    const auto expected = straight.run();
    Training interrupted(world, name_for(name));
    interrupted.settings = settings;
    for (int stop = 0; stop < stops; ++stop) {
      interrupted.asks_to_stop = world.rank() == stop % world.size();
      EXPECT_THROW(interrupted.run(), StoppedOnRequest) << "stop " << stop;
      clear_stop_request();
      world.barrier();
      EXPECT_TRUE(std::filesystem::exists(interrupted.folder() / "checkpoints/last.ckpt")) << "stop " << stop;
    }
    interrupted.asks_to_stop = false;
    EXPECT_TRUE(same(interrupted.run(), expected));
    EXPECT_EQ(*interrupted.state.best_loss, *straight.state.best_loss);
    EXPECT_EQ(interrupted.state.optimizer_steps, straight.state.optimizer_steps);
  }

  Communicator world = Communicator::world();
};

TrainingSettings cosine(std::int64_t batch) {
  TrainingSettings settings;
  settings.epochs = 3;
  settings.batch = batch;
  settings.lanes = 8;
  settings.schedule.kind = neural::ScheduleKind::cosine;
  settings.optimizer.learning_rate = 3e-3;
  return settings;
}

TEST_F(TrainerEpochs, AStopInTheLastStepOfAnEpochGoesOnBitForBit) {
  // One step per epoch: the first stop falls in the last step, the second while the statistics are measured.
  expect_stops_change_nothing("one_step", cosine(384), 2);
}

TEST_F(TrainerEpochs, StopsAroundTheEndOfAnEpochGoOnBitForBit) {
  // Two steps per epoch: after the first step, after the last, while the statistics are measured.
  expect_stops_change_nothing("two_steps", cosine(192), 3);
}

TEST_F(TrainerEpochs, ATrainingUpToAnEpochIsTheBeginningOfTheWholeOne) {
  // The cosine of a training that was shortened would be lower after the first epoch.
  Training straight(world, name_for("up_to_straight"));
  straight.settings = cosine(192);
  straight.settings.keep_every = 1;
  const auto expected = straight.run();
  Training rounds(world, name_for("up_to"));
  rounds.settings = cosine(192);
  for (const std::int64_t last_epoch : {1, 1, 2}) {
    rounds.last_epoch = last_epoch;
    rounds.run();
    EXPECT_EQ(rounds.state.epoch, last_epoch);
    EXPECT_FALSE(rounds.state.finished);
    const auto kept = straight.folder() / fmt::format("checkpoints/epoch_{:04}.ckpt", last_epoch);
    EXPECT_TRUE(same(network_in(rounds.folder() / "checkpoints/last.ckpt"), network_in(kept))) << last_epoch;
  }
  rounds.last_epoch.reset();
  EXPECT_TRUE(same(rounds.run(), expected));
  EXPECT_TRUE(rounds.state.finished);
}

TEST_F(TrainerEpochs, ATrainingIsStoppedByWhomeverItAsks) {
  Training training(world, name_for("asks"));
  training.settings = cosine(192);
  int asked = 0;
  // One rank of all, in the second step.
  training.asked_to_stop = [&] { return world.rank() == world.size() - 1 && ++asked == 2; };
  EXPECT_THROW(training.run(), StoppedOnRequest);
  EXPECT_TRUE(std::filesystem::exists(training.folder() / "checkpoints/last.ckpt"));
}

TEST_F(TrainerEpochs, ADivergedTrainingSaysHowManyEpochsItFinished) {
  Training training(world, name_for("diverged"));
  training.settings = cosine(192);
  training.last_epoch = 1;
  training.run();
  training.last_epoch.reset();
  // Each step multiplies the weights by more than a million: they overflow after a few, and so does the loss.
  training.settings.optimizer = {.name = "sgd", .learning_rate = 1e4, .momentum = 0.0, .weight_decay = 1e4};
  training.settings.epochs = 30;
  try {
    training.run();
    FAIL() << "no error";
  } catch (const Diverged& problem) {
    EXPECT_GE(problem.epochs(), 1);
    EXPECT_LT(problem.epochs(), 30);
    const std::string message = problem.what();
    EXPECT_NE(message.find("not finite"), std::string::npos) << message;
    EXPECT_NE(message.find(fmt::format("epoch {}", problem.epochs() + 1)), std::string::npos) << message;
  }
}

TEST_F(TrainerEpochs, ACosineScheduleIsAtHalfTheRateHalfWay) {
  // One step per epoch, without momentum: the second of two steps is at the middle of the half cosine, so that it goes
  // half as far along the same gradient as with a constant rate.
  const auto weights_after = [&](neural::ScheduleKind schedule, std::int64_t epochs) {
    Training training(world, name_for("schedule"));
    training.text = mean_text;
    training.settings = cosine(384);
    training.settings.schedule.kind = schedule;
    training.settings.epochs = epochs;
    training.settings.optimizer = {.name = "sgd", .learning_rate = 0.5, .momentum = 0.0};
    training.run();
    return network_in(training.folder() / "checkpoints/last.ckpt");
  };
  using neural::ScheduleKind;
  const auto first = weights_after(ScheduleKind::cosine, 1);
  EXPECT_TRUE(same(first, weights_after(ScheduleKind::constant, 1)));
  const auto constant = weights_after(ScheduleKind::constant, 2), half = weights_after(ScheduleKind::cosine, 2);
  ASSERT_EQ(half.size(), first.size());
  for (std::size_t i = 0; i < half.size(); ++i)
    for (std::size_t j = 0; j < half[i].values.size(); ++j) {
      const double whole_step = constant[i].values[j] - first[i].values[j];
      EXPECT_NE(whole_step, 0.0) << half[i].name;
      EXPECT_NEAR(half[i].values[j] - first[i].values[j], 0.5 * whole_step, 1e-3 * std::abs(whole_step) + 1e-7)
          << half[i].name;
    }
}

TEST_F(TrainerEpochs, PatienceEndsATrainingThatStandsStill) {
  Training training(world, name_for("patience"));
  // A learning rate of zero, and no batch normalisation whose statistics would move: every epoch ends alike, and none
  // is better than the first.
  training.text = mean_text;
  training.settings.epochs = 20;
  training.settings.patience = 3;
  training.settings.optimizer.learning_rate = 0.0;
  training.run();
  EXPECT_TRUE(training.state.finished);
  EXPECT_EQ(training.state.best_epoch, 0);
  EXPECT_EQ(training.state.epoch, 4);
}

TEST_F(TrainerEpochs, WithoutPatienceATrainingThatStandsStillGoesOn) {
  Training training(world, name_for("no_patience"));
  training.text = mean_text;
  training.settings.epochs = 5;
  training.settings.optimizer.learning_rate = 0.0;
  training.run();
  EXPECT_EQ(training.state.best_epoch, 0);
  EXPECT_EQ(training.state.epoch, 5);
}

TEST_F(TrainerEpochs, TheBestEpochsWeightsAreReturnedNotTheLast) {
  // With the mean kept the classes are easy to tell, and what is learnt from the training slices is wrong for the same
  // slices with swapped labels: the better, the worse.
  auto dataset = testing_data::dataset(Transform::growth_difference);
  dataset.remove_mean = false;
  Training training(world, name_for("best"), dataset);
  training.settings.epochs = 30;
  training.settings.patience = 4;
  training.settings.optimizer.learning_rate = 3e-2;
  training.text = mean_text;
  training.validation.clear();
  for (auto run : training.train_runs) {
    run.member = 1 - run.member;
    training.validation.push_back(run);
  }
  const auto returned = training.run();
  EXPECT_LT(training.state.epoch, 30);
  EXPECT_EQ(training.state.best_epoch, training.state.epoch - 1 - 4);
  EXPECT_TRUE(same(returned, network_in(training.folder() / "checkpoints/best.ckpt")));
  const auto last = network_in(training.folder() / "checkpoints/last.ckpt");
  EXPECT_FALSE(same(returned, last));
  EXPECT_EQ(validation_loss(world, training, returned), *training.state.best_loss);
  EXPECT_GT(validation_loss(world, training, last), *training.state.best_loss);
}

TEST_F(TrainerEpochs, RunningStatisticsAreThoseOfTheTrainingSlicesAtTheFinalWeights) {
  Training training(world, name_for("statistics"));
  training.settings.epochs = 1;
  training.settings.statistics_steps = 2;
  const auto tensors = training.run();

  auto network = training.make_network();
  network.import_tensors(tensors);
  const SampleOrder order({.seed = training.settings.seed,
                           .lanes = training.settings.lanes,
                           .micro_batch = training.settings.micro_batch(),
                           .shuffle_items = training.dataset.shuffle_cubes,
                           .matched = training.dataset.matched},
                          2, 2, training.sampler().per_epoch());
  std::vector<double> mean(network.statistics_size(), 0.0);
  ASSERT_FALSE(mean.empty());
  MicroBatch batch;
  for (int lane = 0; lane < training.settings.lanes; ++lane) {
    LaneLoader loader(training.store(), training.normalisation, training.sampler(), training.targets, training.pairs,
                      training.settings.seed, 0, training.settings.micro_batch(), order.lane_samples(0, lane));
    for (std::int64_t step = order.steps() - 2; step < order.steps(); ++step) {
      loader.load(step, batch);
      network.forward(batch.input, {.mode = neural::Mode::training, .sample_keys = batch.keys});
      for (std::size_t i = 0; i < mean.size(); ++i)
        mean[i] += static_cast<double>(network.batch_statistics()[i]) / (2 * training.settings.lanes);
    }
  }
  // Compared as tensors: the arena's padding is nobody's promise.
  std::transform(mean.begin(), mean.end(), network.running_statistics().begin(),
                 [](double value) { return static_cast<float>(value); });
  const auto measured = network.export_tensors();
  int compared = 0;
  for (std::size_t i = 0; i < tensors.size(); ++i)
    for (std::size_t j = 0; j < tensors[i].values.size(); ++j, ++compared)
      EXPECT_NEAR(tensors[i].values[j], measured[i].values[j], 1e-5) << tensors[i].name << ", value " << j;
  EXPECT_GT(compared, 0);
}

TEST_F(TrainerEpochs, RunningStatisticsAreMeasuredAndTheSameOnAnyNumberOfRanks) {
  Training together(world, name_for("statistics_together"));
  Training alone(Communicator::self(), name_for("statistics_alone") + "_" + std::to_string(world.rank()));
  std::vector<std::vector<float>> statistics;
  for (Training* training : {&together, &alone}) {
    training->settings.epochs = 1;
    auto network = training->make_network();
    network.initialise(training->settings.seed);
    const std::vector<float> before(network.running_statistics().begin(), network.running_statistics().end());
    network.import_tensors(training->run());
    statistics.emplace_back(network.running_statistics().begin(), network.running_statistics().end());
    EXPECT_NE(statistics.back(), before);
  }
  EXPECT_EQ(statistics[0], statistics[1]);
}

}  // namespace
}  // namespace phiscope
