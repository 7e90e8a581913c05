#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "../parallel/logged.hpp"
#include "tiny_training.hpp"

namespace phiscope {
namespace {

using testing_data::name_for;
using testing_data::TinyTraining;
using testing_log::logged;

TEST(TrainerLog, NamesRanksThatOthersWaitForAndTrainsTheSame) {
  const auto world = Communicator::world();
  TinyTraining unwatched(world, name_for("lag_off"));
  unwatched.settings.lag_seconds = 0.0;
  std::vector<neural::NamedTensor> expected, weights;
  const auto silent = logged(world, [&] { expected = unwatched.run(); });
  // Some rank waits for longer than a nanosecond at each step.
  TinyTraining watched(world, name_for("lag_on"));
  watched.settings.lag_seconds = 1e-9;
  const auto text = logged(world, [&] { weights = watched.run(); });
  EXPECT_EQ(silent.find("kept the other ranks waiting"), std::string::npos) << silent;
  EXPECT_EQ(text.find(" s in epoch 1, step 1") != std::string::npos, world.size() > 1) << text;
  ASSERT_EQ(weights.size(), expected.size());
  for (std::size_t i = 0; i < weights.size(); ++i) EXPECT_EQ(weights[i].values, expected[i].values) << weights[i].name;
}

TEST(TrainerLog, SaysHowManySamplesAnEpochLeavesOut) {
  const auto world = Communicator::world();
  TinyTraining whole(world, name_for("whole_batches"));
  whole.settings.epochs = 1;
  const auto silent = logged(world, [&] { whole.run(); });
  EXPECT_EQ(silent.find("leaves out"), std::string::npos) << silent;
  // 384 samples: each of the 8 lanes has 48, which are four steps of 10.
  TinyTraining parts(world, name_for("part_batches"));
  parts.settings.batch = 80;
  parts.settings.epochs = 2;
  const auto text = logged(world, [&] { parts.run(); });
  const std::string line = "each epoch leaves out 64 of 384 samples, too few for another step of 80; others each time";
  EXPECT_NE(text.find(line), std::string::npos) << text;
  EXPECT_EQ(text.find(line), text.rfind(line)) << text;
}

TEST(TrainerLog, SaysOnceThatANetworkGivesEverySampleTheSameOutput) {
  const auto world = Communicator::world();
  TinyTraining dead(world, name_for("dead"));
  // The weights are what the last gradient was, with the opposite sign; soon nothing.
  dead.text =
      "name: dead\nlayers:\n  - convolution: {channels: 4, kernel: 3}\n  - relu:\n  - global_average_pooling:\n"
      "  - dense: {values: 1}\n";
  dead.settings.epochs = 3;
  dead.settings.optimizer = {.name = "sgd", .learning_rate = 1.0, .momentum = 0.0, .weight_decay = 1.0};
  const auto text = logged(world, [&] { dead.run(); });
  const std::string line = "the network gives every validation sample the same output";
  EXPECT_NE(text.find(line), std::string::npos) << text;
  EXPECT_EQ(text.find(line), text.rfind(line)) << text;
  EXPECT_NE(dead.state.metrics.find("\"same_output\":"), std::string::npos) << dead.state.metrics;

  TinyTraining alive(world, name_for("alive"));
  alive.settings.epochs = 1;
  const auto silent = logged(world, [&] { alive.run(); });
  EXPECT_EQ(silent.find(line), std::string::npos) << silent;
  EXPECT_EQ(alive.state.metrics.find("same_output"), std::string::npos) << alive.state.metrics;
}

}  // namespace
}  // namespace phiscope
