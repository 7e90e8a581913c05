#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "phiscope/base/random.hpp"
#include "phiscope/data/cube_cut.hpp"
#include "phiscope/data/dataset_settings.hpp"
#include "phiscope/neural/sample_shape.hpp"

namespace phiscope {

/// What one sample of a run is, how many a run gives, and where in the run each of them lies.
class Sampler {
 public:
  /// The kind that dataset.sample names, for runs of shape `run`. Throws Error when a sub-cube does not fit.
  static std::unique_ptr<Sampler> make(const DatasetSettings& dataset, const ItemShape& run);
  virtual ~Sampler() = default;

  /// What the network takes.
  virtual neural::SampleShape shape() const = 0;
  /// "slice", "map": what a sample is called in results.
  const std::string& word() const noexcept { return word_; }

  /// Training samples that a run gives in each epoch.
  virtual std::int64_t per_epoch() const = 0;
  /// Where number `index` of them lies, augmentation included. `random` is keyed by seed, epoch, pair and index, so
  /// that both runs of a pair are cut and moved alike.
  virtual CubeCut training_cut(std::int64_t index, RandomStream& random) const = 0;

  /// Samples by which a run is scored: always the same, as they lie.
  virtual std::int64_t scored() const = 0;
  virtual CubeCut scored_cut(std::int64_t index) const = 0;
  /// How many times the scored samples cover the run; each scored()/coverings() in a row hold every value once.
  virtual std::int64_t coverings() const = 0;

 private:
  std::string word_;
};

}  // namespace phiscope
