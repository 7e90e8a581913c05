#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "phiscope/base/error.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/learning/trainer.hpp"
#include "phiscope/neural/network_description.hpp"
#include "real_pairs.hpp"

namespace phiscope {
namespace {

const char* const network_text = R"(
name: tiny
layers:
  - convolution: {channels: 6, kernel: 3, padding: 1, padding_mode: circular}
  - batch_normalisation:
  - leaky_relu: {slope: 0.2}
  - average_pooling: {kernel: 4}
  - flatten: {}
  - dropout: {probability: 0.2}
  - dense: {values: 1}
)";

/// A training of a tiny network on real pairs, in a folder of its own.
class Training {
 public:
  Training(const Communicator& ranks, const std::string& folder)
      : ranks_(ranks),
        folder_(std::filesystem::temp_directory_path() / folder),
        catalogue_(testing_data::real_pairs(3)),
        background_({}),
        dataset_(testing_data::dataset(Transform::growth_difference)),
        transform_(catalogue_, background_, dataset_),
        store_(transform_, 1.0) {
    settings_.epochs = 2;
    settings_.batch = 96;
    settings_.lanes = 8;
    settings_.optimizer.learning_rate = 3e-3;
    if (ranks_.is_root()) std::filesystem::remove_all(folder_);
    ranks_.barrier();
  }
  ~Training() {
    ranks_.barrier();
    if (ranks_.is_root()) std::filesystem::remove_all(folder_);
  }
  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;

  /// Trains to the end or to a stop, and returns the weights with the running statistics.
  std::vector<neural::NamedTensor> run(const std::string& fingerprint = "settings: test\n") {
    neural::Network network(neural::NetworkDescription::parse(network_text, "tiny.yaml", {}, {1, {32, 32}}),
                            settings_.micro_batch());
    const std::vector<LabelledRun> train{
        {0, Gravity::newton, false}, {0, Gravity::gr, true}, {1, Gravity::newton, false}, {1, Gravity::gr, true}};
    const auto normalisation = measure_normalisation(ranks_, store_, train);
    Trainer trainer(ranks_,
                    {.store = store_,
                     .normalisation = normalisation,
                     .dataset = dataset_,
                     .train = make_pairs({0, 1}, false),
                     .validation = {{2, Gravity::newton, false}, {2, Gravity::gr, true}}},
                    settings_, network, folder_, fingerprint, false);
    state = trainer.run();
    return network.export_tensors();
  }

  const std::filesystem::path& folder() const { return folder_; }
  TrainingSettings settings_;
  TrainingState state;

 private:
  Communicator ranks_;
  std::filesystem::path folder_;
  Catalogue catalogue_;
  Background background_;
  DatasetSettings dataset_;
  CubeTransform transform_;
  CubeStore store_;
};

std::string name_for(const char* test) {
  // mpirun's ranks agree on a name through their parent process.
  return std::string("phiscope_") + test + "_" + std::to_string(getppid());
}

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

TEST_F(TrainerTest, AStoppedTrainingGoesOnBitForBit) {
  Training straight(world, name_for("straight"));
  const auto expected = straight.run();
  Training interrupted(world, name_for("interrupted"));
  int stops = 0;
  for (;;) {
    // One rank is asked to stop; all must.
    if (stops < 3 && world.rank() == world.size() - 1) request_stop();
    try {
      const auto resumed = interrupted.run();
      expect_bitwise_equal(expected, resumed);
      break;
    } catch (const StoppedOnRequest&) {
      ++stops;
      clear_stop_request();
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
    file.seekp(-100, std::ios::end);
    file.put('\x55');
  }
  world.barrier();
  EXPECT_THROW(training.run(), AgreedError);
}

TEST_F(TrainerTest, ALossThatIsNotFiniteEndsAllRanks) {
  Training training(world, name_for("diverging"));
  training.settings_.optimizer.name = "sgd";
  training.settings_.optimizer.learning_rate = 1e30;
  EXPECT_THROW(training.run(), AgreedError);
}

TEST_F(TrainerTest, ABatchLargerThanTheTrainingSetIsAnError) {
  Training training(world, name_for("batch"));
  training.settings_.batch = 8192;
  EXPECT_THROW(training.run(), AgreedError);
}

}  // namespace
}  // namespace phiscope
