#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "phiscope/data/item_store.hpp"
#include "phiscope/data/normalisation.hpp"
#include "phiscope/data/sampler.hpp"
#include "phiscope/learning/sample_order.hpp"
#include "phiscope/learning/targets.hpp"

namespace phiscope {

/// One lane's share of a step: normalised, augmented samples with their labels.
struct MicroBatch {
  std::vector<float> input;         ///< samples × the sampler's shape
  std::vector<float> target;        ///< samples × the targets' values
  std::vector<std::uint64_t> keys;  ///< one per sample, what its random numbers are keyed by
};

/// Cuts one lane's micro-batches of one epoch, reading items ahead.
class LaneLoader {
 public:
  /// Keeps references to all but `samples`.
  LaneLoader(ItemStore& store, const Normalisation& normalisation, const Sampler& sampler, const Targets& targets,
             std::span<const ItemGroup> groups, std::uint64_t seed, std::int64_t epoch, std::int64_t micro_batch,
             std::vector<Sample> samples);

  /// The micro-batch of `step`, cut by all threads of the rank. Steps are asked for in ascending order. Throws Error
  /// for a bad cube.
  void load(std::int64_t step, MicroBatch& batch);

 private:
  const Item& item_of(const Sample& sample) const;
  void read_ahead(std::size_t first);
  void take_items(std::size_t first, std::size_t end);
  void give_items_back(std::size_t first, std::size_t end);

  ItemStore& store_;
  const Normalisation& normalisation_;
  const Sampler& sampler_;
  const Targets& targets_;
  std::span<const ItemGroup> groups_;
  std::uint64_t seed_;
  std::int64_t epoch_;
  std::int64_t micro_batch_;
  std::vector<Sample> samples_;
  /// The items in use, each with the last place in samples_ that needs it.
  struct Held {
    ItemStore::Values values;
    std::size_t last_use = 0;
  };
  std::vector<Held> held_;               ///< in the order of their first use
  std::vector<std::size_t> held_of_;     ///< of each sample, which of held_ it is cut from
  std::vector<std::size_t> first_uses_;  ///< places where an item is needed for the first time, ascending
  std::size_t asked_for_ = 0;            ///< how many of them the store has been asked for
};

/// What the random numbers of a sample are keyed by: unique among the `per_item` samples of all items.
std::uint64_t sample_key(const Item& item, std::int64_t per_item, std::int64_t index);

}  // namespace phiscope
