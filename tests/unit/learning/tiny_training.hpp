#pragma once
#include <unistd.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "phiscope/learning/trainer.hpp"
#include "phiscope/neural/network_description.hpp"
#include "real_pairs.hpp"

namespace phiscope::testing_data {

/// A name that mpirun's ranks agree on, through their parent process.
inline std::string name_for(const std::string& test) {
  return "phiscope_" + test + "_" + std::to_string(getppid());
}

/// A network with all that a training could get wrong: weights, running statistics, dropout.
inline const char* const network_text = R"(
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

inline neural::NetworkDescription describe(const std::string& text) {
  return neural::NetworkDescription::parse(text, "tiny.yaml", {}, {1, {32, 32}});
}

/// A training of a tiny network on two real pairs, validated on a third, in a folder of its own. The members are set
/// before run().
class TinyTraining {
 public:
  /// Collective over `ranks`.
  TinyTraining(const Communicator& ranks, const std::string& folder,
               DatasetSettings of = testing_data::dataset(Transform::growth_difference))
      : dataset(std::move(of)),
        ranks_(ranks),
        folder_(std::filesystem::temp_directory_path() / folder),
        catalogue_(real_pairs(3)),
        background_({}),
        transform_(catalogue_, background_, dataset),
        store_(transform_, 1.0) {
    settings.epochs = 2;
    settings.batch = 96;
    settings.lanes = 8;
    settings.optimizer.learning_rate = 3e-3;
    if (ranks_.is_root()) std::filesystem::remove_all(folder_);
    ranks_.barrier();
  }
  ~TinyTraining() {
    ranks_.barrier();
    if (ranks_.is_root()) std::filesystem::remove_all(folder_);
  }
  TinyTraining(const TinyTraining&) = delete;
  TinyTraining& operator=(const TinyTraining&) = delete;

  neural::Network make_network() const { return {describe(text), settings.micro_batch()}; }

  /// Trains to the end or to a stop, and returns the weights with the running statistics.
  std::vector<neural::NamedTensor> run(const std::string& fingerprint = "settings: test\n") {
    auto network = make_network();
    normalisation = measure_normalisation(ranks_, store_, train_runs);
    Trainer trainer(
        ranks_,
        {.store = store_, .normalisation = normalisation, .dataset = dataset, .train = pairs, .validation = validation},
        settings, network, folder_, fingerprint, false);
    state = trainer.run();
    return network.export_tensors();
  }

  const std::filesystem::path& folder() const { return folder_; }
  CubeStore& store() { return store_; }

  TrainingSettings settings;
  const DatasetSettings dataset;
  std::string text = network_text;
  std::vector<RunPair> pairs = make_pairs({0, 1}, false);
  std::vector<LabelledRun> train_runs{
      {0, Gravity::newton, false}, {0, Gravity::gr, true}, {1, Gravity::newton, false}, {1, Gravity::gr, true}};
  std::vector<LabelledRun> validation{{2, Gravity::newton, false}, {2, Gravity::gr, true}};
  /// What the last run() found.
  TrainingState state;
  Normalisation normalisation;

 private:
  Communicator ranks_;
  std::filesystem::path folder_;
  Catalogue catalogue_;
  Background background_;
  CubeTransform transform_;
  CubeStore store_;
};

}  // namespace phiscope::testing_data
