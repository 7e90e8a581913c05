// What a training keeps, and how it goes on from it.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/io/safetensors.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "tiny_training.hpp"

namespace phiscope {
namespace {

using testing_data::name_for;
using Training = testing_data::TinyTraining;
namespace fs = std::filesystem;

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

void expect_bitwise_equal(const std::vector<neural::NamedTensor>& a, const std::vector<neural::NamedTensor>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_EQ(a[i].values, b[i].values) << a[i].name;
}

/// Everything that has a state of its own: moments, a schedule that remembers, clipping; and dropout in the network.
TrainingSettings with_much_state() {
  TrainingSettings settings;
  settings.epochs = 4;
  settings.batch = 96;
  settings.lanes = 8;
  settings.clip_norm = 0.5;
  settings.keep_every = 1;
  settings.optimizer = {.name = "lamb", .learning_rate = 3e-2, .weight_decay = 1e-2};
  settings.schedule = {.kind = neural::ScheduleKind::reduce_on_plateau,
                       .warmup_epochs = 0.5,
                       .factor = 0.5,
                       .patience = 0,
                       .threshold = 0.5};
  return settings;
}

class TrainerCheckpoints : public testing::Test {
 protected:
  void TearDown() override { clear_stop_request(); }

  /// On the root alone. An exception there fails the test on all ranks, and none waits.
  template <class Work>
  void at_root(const Work& work) {
    world.barrier();
    together(world, [&] {
      if (world.is_root()) work();
    });
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

TEST_F(TrainerCheckpoints, EveryEpochThatIsAskedForIsKept) {
  Training training(world, name_for("kept"));
  training.settings.epochs = 5;
  training.settings.keep_every = 2;
  training.run();
  at_root([&] {
    std::vector<std::string> files;
    for (const auto& entry : fs::directory_iterator(training.folder() / "checkpoints"))
      files.push_back(entry.path().filename().string());
    std::sort(files.begin(), files.end());
    EXPECT_EQ(files, (std::vector<std::string>{"best.ckpt", "epoch_0002.ckpt", "epoch_0004.ckpt", "last.ckpt"}));
  });
}

TEST_F(TrainerCheckpoints, AKeptEpochIsWhatTheLastCheckpointWasThen) {
  Training training(world, name_for("copies"));
  training.settings.keep_every = 1;
  training.run();
  at_root([&] {
    const auto folder = training.folder() / "checkpoints";
    EXPECT_EQ(bytes_of(folder / "epoch_0002.ckpt"), bytes_of(folder / "last.ckpt"));
    EXPECT_NE(bytes_of(folder / "epoch_0001.ckpt"), bytes_of(folder / "last.ckpt"));
  });
}

TEST_F(TrainerCheckpoints, ATrainingGoesOnFromAKeptEpochBitForBit) {
  Training training(world, name_for("from_kept"));
  training.settings = with_much_state();
  const auto expected = training.run();
  const auto finished = training.state;
  EXPECT_LT(finished.plateau.rate_factor, 1.0) << "the schedule has nothing to remember";
  at_root([&] {
    const auto folder = training.folder() / "checkpoints";
    fs::copy_file(folder / "epoch_0002.ckpt", folder / "last.ckpt", fs::copy_options::overwrite_existing);
  });
  expect_bitwise_equal(training.run(), expected);
  EXPECT_EQ(training.state.optimizer_steps, finished.optimizer_steps);
  EXPECT_EQ(training.state.plateau.rate_factor, finished.plateau.rate_factor);
  EXPECT_EQ(*training.state.best_loss, *finished.best_loss);
}

TEST_F(TrainerCheckpoints, ATrainingMovesBetweenNumbersOfRanksBitForBit) {
  Training straight(world, name_for("ranks_straight"));
  straight.settings = with_much_state();
  const auto expected = straight.run();

  // One rank begins and stops, all go on and stop, one ends it.
  Training alone(Communicator::self(), name_for("ranks_alone") + "_" + std::to_string(world.rank()));
  Training together(world, name_for("ranks_together"));
  alone.settings = together.settings = with_much_state();
  const auto hand_over = [&](const Training& from, const Training& to) {
    at_root([&] {
      fs::copy(from.folder() / "checkpoints", to.folder() / "checkpoints",
               fs::copy_options::recursive | fs::copy_options::overwrite_existing);
    });
  };
  const auto run_to_a_stop = [&](Training& training) {
    training.asks_to_stop = true;
    EXPECT_THROW(training.run(), StoppedOnRequest);
    training.asks_to_stop = false;
    clear_stop_request();
  };
  at_root([&] {
    run_to_a_stop(alone);
    run_to_a_stop(alone);
    EXPECT_TRUE(fs::exists(alone.folder() / "checkpoints/last.ckpt"));
    fs::create_directories(together.folder());
  });
  hand_over(alone, together);
  run_to_a_stop(together);
  hand_over(together, alone);
  at_root([&] { expect_bitwise_equal(alone.run(), expected); });
}

TEST_F(TrainerCheckpoints, TheBestHoldsNoMomentsAndNoTrainingGoesOnFromIt) {
  Training training(world, name_for("best_weights"));
  training.run();
  at_root([&] {
    const auto folder = training.folder() / "checkpoints";
    const auto moments = [&](const char* name) {
      const auto tensors = read_safetensors(folder / name).tensors;
      return std::count_if(tensors.begin(), tensors.end(), [](const auto& t) { return t.name.starts_with("moment"); });
    };
    EXPECT_EQ(moments("best.ckpt"), 0);
    EXPECT_GT(moments("last.ckpt"), 0);
    fs::copy_file(folder / "best.ckpt", folder / "last.ckpt", fs::copy_options::overwrite_existing);
  });
  const auto problem = problem_of(training);
  EXPECT_NE(problem.find("last.ckpt: this checkpoint holds weights, but no moments"), std::string::npos) << problem;
}

TEST_F(TrainerCheckpoints, ATruncatedCheckpointIsNamedWithTheOneToGoOnFrom) {
  Training training(world, name_for("truncated"));
  training.settings.keep_every = 1;
  training.run();
  at_root([&] { fs::resize_file(training.folder() / "checkpoints/last.ckpt", 1000); });
  const auto problem = problem_of(training);
  EXPECT_NE(problem.find("last.ckpt: damaged"), std::string::npos) << problem;
  EXPECT_NE(problem.find("remove this file to begin the training anew, or copy epoch_0002.ckpt over it"),
            std::string::npos)
      << problem;
}

TEST_F(TrainerCheckpoints, ALostBestCheckpointIsNamed) {
  Training training(world, name_for("lost_best"));
  training.run();
  at_root([&] { fs::remove(training.folder() / "checkpoints/best.ckpt"); });
  const auto problem = problem_of(training);
  EXPECT_NE(problem.find("best.ckpt"), std::string::npos) << problem;
  EXPECT_NE(problem.find("checkpoints to begin the training anew"), std::string::npos) << problem;
}

}  // namespace
}  // namespace phiscope
