#pragma once
#include <unistd.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "../data/real_pairs.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/data/cube_transform.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/learning/trainer.hpp"
#include "phiscope/neural/network_description.hpp"

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

inline neural::NetworkDescription describe(const std::string& text, const neural::SampleShape& input = {1, {32, 32}}) {
  return neural::NetworkDescription::parse(text, "tiny.yaml", {}, input);
}

/// A training of a tiny network on two real pairs, validated on a third, in a folder of its own. The members are set
/// before run().
class TinyTraining {
 public:
  /// Collective over `ranks`. Reads the real cubes unless given another source.
  TinyTraining(const Communicator& ranks, const std::string& folder,
               DatasetSettings of = testing_data::dataset(Transform::growth_difference),
               std::unique_ptr<ItemSource> other_source = nullptr)
      : dataset(std::move(of)),
        ranks_(ranks),
        folder_(std::filesystem::temp_directory_path() / folder),
        catalogue_(real_pairs(3)),
        background_({}),
        source_(other_source ? std::move(other_source)
                             : std::make_unique<CubeTransform>(catalogue_, background_, dataset)),
        store_(*source_, 1.0),
        sampler_(Sampler::make(dataset, store_.shape())) {
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

  neural::Network make_network() const {
    return {describe(text, sampler_->shape()), settings.micro_batch(), settings.precision};
  }

  /// Trains to the end or to a stop, and returns the weights with the running statistics.
  std::vector<neural::NamedTensor> run(const std::string& fingerprint = "settings: test\n") {
    auto network = make_network();
    normalisation = measure_normalisation(ranks_, store_, train_runs);
    // Not earlier: measuring the normalisation would stop as well.
    if (asks_to_stop) request_stop();
    Trainer trainer(ranks_,
                    {.store = store_,
                     .normalisation = normalisation,
                     .sampler = *sampler_,
                     .dataset = dataset,
                     .targets = targets,
                     .train = pairs,
                     .validation = validation,
                     .asked_to_stop = asked_to_stop},
                    settings, network, folder_, fingerprint, false);
    state = trainer.run(last_epoch);
    return network.export_tensors();
  }

  const std::filesystem::path& folder() const { return folder_; }
  ItemStore& store() { return store_; }
  const Sampler& sampler() const { return *sampler_; }

  TrainingSettings settings;
  bool asks_to_stop = false;  ///< whether run() is to request a stop on this rank when the training begins
  std::function<bool()> asked_to_stop = stop_requested;
  std::optional<std::int64_t> last_epoch;  ///< that run() trains, counted from 1
  const DatasetSettings dataset;
  ClassTargets targets;
  std::string text = network_text;
  std::vector<ItemGroup> pairs = make_pairs({0, 1}, false);
  std::vector<Item> train_runs{item_of_run(0, Gravity::newton, 0), item_of_run(0, Gravity::gr, 1),
                               item_of_run(1, Gravity::newton, 0), item_of_run(1, Gravity::gr, 1)};
  std::vector<Item> validation{item_of_run(2, Gravity::newton, 0), item_of_run(2, Gravity::gr, 1)};
  /// What the last run() found.
  TrainingState state;
  Normalisation normalisation;

 private:
  Communicator ranks_;
  std::filesystem::path folder_;
  Catalogue catalogue_;
  Background background_;
  std::unique_ptr<ItemSource> source_;
  ItemStore store_;
  std::unique_ptr<Sampler> sampler_;
};

}  // namespace phiscope::testing_data
