#pragma once
#include <span>
#include <vector>

#include "phiscope/data/item.hpp"
#include "phiscope/data/item_store.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// Mean and standard deviation of each channel over the training cubes. The components of a vector share the root
/// mean square of all three and keep mean 0, so that turning a slice commutes with normalising it.
struct Normalisation {
  std::vector<double> mean, standard_deviation;  ///< one per channel

  /// (x − mean)/standard_deviation, in place, of channels × cells values.
  void apply(std::span<float> values) const;
};

/// Collective: shares the cubes out over the ranks; the same bits for any number of them. Throws AgreedError for a
/// bad cube, or when a channel does not vary.
Normalisation measure_normalisation(const Communicator& ranks, ItemStore& store, std::span<const Item> items);

}  // namespace phiscope
