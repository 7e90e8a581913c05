#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/neural/optimizer.hpp"
#include "tiny_training.hpp"

namespace phiscope {
namespace {

using testing_data::name_for;
using Training = testing_data::TinyTraining;

void expect_bitwise_equal(const std::vector<neural::NamedTensor>& a, const std::vector<neural::NamedTensor>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].name, b[i].name);
    EXPECT_EQ(a[i].values, b[i].values) << a[i].name;
  }
}

class TrainerTest : public testing::Test {
 protected:
  void TearDown() override { clear_stop_request(); }
  Communicator world = Communicator::world();
};

TEST_F(TrainerTest, WeightsAreBitwiseTheSameOnAnyNumberOfRanks) {
  Training together(world, name_for("together"));
  const auto shared = together.run();
  Training alone(Communicator::self(), name_for("alone") + "_" + std::to_string(world.rank()));
  expect_bitwise_equal(shared, alone.run());
  EXPECT_EQ(*together.state.best_loss, *alone.state.best_loss);
}

TEST_F(TrainerTest, WithBfloat16WeightsAreBitwiseTheSameOnAnyNumberOfRanksAndNotThoseOfFloat32) {
  Training together(world, name_for("bfloat16_together"));
  together.settings.precision = neural::Precision::bfloat16;
  const auto shared = together.run();
  Training alone(Communicator::self(), name_for("bfloat16_alone") + "_" + std::to_string(world.rank()));
  alone.settings.precision = neural::Precision::bfloat16;
  expect_bitwise_equal(shared, alone.run());
  Training single(Communicator::self(), name_for("float32_alone") + "_" + std::to_string(world.rank()));
  EXPECT_NE(shared.front().values, single.run().front().values);
  EXPECT_NEAR(*together.state.best_loss, *single.state.best_loss, 0.02);
}

TEST_F(TrainerTest, AStoppedTrainingGoesOnBitForBit) {
  Training straight(world, name_for("straight"));
  const auto expected = straight.run();
  Training interrupted(world, name_for("interrupted"));
  int stops = 0;
  for (;;) {
    // One rank is asked to stop; all must.
    interrupted.asks_to_stop = stops < 3 && world.rank() == world.size() - 1;
    try {
      const auto resumed = interrupted.run();
      expect_bitwise_equal(expected, resumed);
      break;
    } catch (const StoppedOnRequest&) {
      ++stops;
      clear_stop_request();
      EXPECT_TRUE(std::filesystem::exists(interrupted.folder() / "checkpoints/last.ckpt"));
    }
  }
  EXPECT_EQ(stops, 3);
  EXPECT_EQ(*straight.state.best_loss, *interrupted.state.best_loss);
}

TEST_F(TrainerTest, MetricsHaveOneLinePerEpochAndSplit) {
  Training training(world, name_for("metrics"));
  training.run();
  std::ifstream file(training.folder() / "metrics.jsonl");
  std::string line;
  int lines = 0;
  while (std::getline(file, line)) {
    ++lines;
    EXPECT_EQ(line.front(), '{');
    EXPECT_NE(line.find("\"loss\":"), std::string::npos);
  }
  EXPECT_EQ(lines, 4);
}

TEST_F(TrainerTest, ACheckpointOfOtherSettingsIsRefused) {
  Training training(world, name_for("settings"));
  training.run("training.seed: 1\n");
  try {
    training.run("training.seed: 2\n");
    FAIL() << "went on from a checkpoint of other settings";
  } catch (const AgreedError& problem) {
    EXPECT_NE(std::string(problem.what()).find("training.seed: 2"), std::string::npos) << problem.what();
  }
}

TEST_F(TrainerTest, ADamagedCheckpointIsNotTrusted) {
  Training training(world, name_for("damaged"));
  training.run();
  world.barrier();
  if (world.is_root()) {
    std::fstream file(training.folder() / "checkpoints/last.ckpt", std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(-100, std::ios::end);
    const int found = file.get();
    EXPECT_NE(found, std::fstream::traits_type::eof());
    file.seekp(-100, std::ios::end);
    file.put(static_cast<char>(found ^ 0xff));
  }
  world.barrier();
  try {
    training.run();
    FAIL() << "a damaged checkpoint was trusted";
  } catch (const AgreedError& problem) {
    const std::string text = problem.what();
    EXPECT_NE(text.find("last.ckpt: damaged"), std::string::npos) << text;
    EXPECT_NE(text.find("remove this file to begin the training anew"), std::string::npos) << text;
  }
}

TEST_F(TrainerTest, ALossThatIsNotFiniteEndsAllRanks) {
  Training training(world, name_for("diverging"));
  training.settings.optimizer.name = "sgd";
  training.settings.optimizer.learning_rate = 1e30;
  EXPECT_THROW(training.run(), AgreedError);
}

TEST_F(TrainerTest, ABatchLargerThanTheTrainingSetIsAnError) {
  Training training(world, name_for("batch"));
  training.settings.batch = 8192;
  EXPECT_THROW(training.run(), AgreedError);
}

}  // namespace
}  // namespace phiscope
