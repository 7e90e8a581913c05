#pragma once
#include <memory>
#include <string>
#include <vector>

#include "phiscope/data/cube_witness.hpp"
#include "phiscope/data/item_source.hpp"
#include "phiscope/data/item_store.hpp"
#include "phiscope/data/normalisation.hpp"
#include "phiscope/data/sampler.hpp"
#include "phiscope/learning/task.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/neural/network_description.hpp"
#include "phiscope/study/study.hpp"

namespace phiscope {

/// What training, evaluation and explanation of a study share: where samples come from and what the network is.
class LearningSetup {
 public:
  /// Collective. Throws AgreedError when there are no samples (a wrong packed file, spectra that were not measured), or
  /// the network's file is bad or does not fit them.
  explicit LearningSetup(const Study& study);

  /// Adds the cubes that were read so far to those that the study's results depend on. Collective. Throws AgreedError
  /// when one has changed, or is a copy of another, or out of proportion.
  void note_cubes(const Study& study) const;

  ItemStore& store() noexcept { return *store_; }
  const Sampler& sampler() const noexcept { return *sampler_; }
  const Task& task() const noexcept { return *task_; }
  /// Those of training, with the loss that the task chose.
  const TrainingSettings& training() const noexcept { return training_; }
  const ChannelScaling& channels() const noexcept { return channels_; }
  neural::Network& network() noexcept { return *network_; }
  const neural::Network& network() const noexcept { return *network_; }
  /// Another network of the same description.
  neural::Network new_network() const { return {*description_, training_.micro_batch(), training_.precision}; }
  const std::vector<ItemGroup>& train() const noexcept { return parts_.train; }
  const std::vector<ItemGroup>& validation() const noexcept { return parts_.validation; }
  const std::vector<ItemGroup>& test() const noexcept { return parts_.test; }

 private:
  /// Collective.
  void check_pack(const Study& study);

  std::unique_ptr<CubeWitness> witness_;
  std::vector<MarkedCube> packed_cubes_;  ///< of this rank's share of a pack
  std::unique_ptr<ItemSource> source_;    ///< of simulations; a study's data has its own
  std::unique_ptr<ItemStore> store_;
  std::unique_ptr<Sampler> sampler_;
  std::unique_ptr<Task> task_;
  TrainingSettings training_;
  ChannelScaling channels_;
  LabelledParts parts_;
  std::unique_ptr<neural::NetworkDescription> description_;
  std::unique_ptr<neural::Network> network_;
};

/// Collective. Throws AgreedError when training could not begin: the network's file is missing or bad or does not fit
/// the samples, the optimiser's settings have no meaning, the training set is smaller than a batch. Costs no memory to
/// speak of, unlike a LearningSetup. Whether a network fits spectra shows once they are measured.
void check_learning(const Study& study);

/// The normalisation by the training runs: measured once and kept as a unit, since it takes a pass through the training
/// set. Collective.
Normalisation training_normalisation(const Study& study, LearningSetup& setup);

/// The text of everything that the transformed cubes depend on.
std::string cube_fingerprint(const Study& study);

/// The text of everything that the normalisation depends on, and that the trained weights depend on.
std::string normalisation_fingerprint(const Study& study);
std::string training_fingerprint(const Study& study);

/// The trained network of a study: its weights into `network`, and the normalisation it was trained with.
/// Throws Error when there is none, or it was trained with other settings.
Normalisation load_model(const Study& study, neural::Network& network);
/// Writes model.safetensors: the network's weights, and as texts in the metadata what others need to use them:
/// `network` (its YAML), `network_parameters` (JSON, name → value), `input_shape` (JSON, channels first, of one
/// sample), `outputs`, `loss`, `sample`, `transform`, `redshifts`, `remove_mean`, `normalisation` (JSON, mean and
/// standard deviation per channel) and `settings`, all that the weights depend on; of a study with data of its own also
/// `task` (JSON, see Prediction) and `data` (JSON). Nothing in it depends on ranks, host or time.
void save_model(const Study& study, const LearningSetup& setup, const Normalisation& normalisation);

}  // namespace phiscope
