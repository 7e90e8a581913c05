#pragma once
#include <span>
#include <string>
#include <vector>

#include "phiscope/data/data_settings.hpp"
#include "phiscope/data/item.hpp"
#include "phiscope/data/item_store.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// Mean and standard deviation of each channel over the training cubes. The components of a vector share the root
/// mean square of all three and keep mean 0, so that turning a slice commutes with normalising it.
struct Normalisation {
  /// One per channel. Of another Scaling they are what takes their place: the smallest value and the range, …
  std::vector<double> mean, standard_deviation;

  /// (x − mean)/standard_deviation, in place, of channels × cells values.
  void apply(std::span<float> values) const;
};

/// How each channel is normalised, and what messages call it. Where they are empty: all by mean and standard deviation.
struct ChannelScaling {
  std::vector<Scaling> scaling;
  std::vector<std::string> names;
};

/// Collective: shares the cubes out over the ranks; the same bits for any number of them. Throws AgreedError for a
/// bad cube, or when a channel does not vary.
Normalisation measure_normalisation(const Communicator& ranks, ItemStore& store, std::span<const Item> items,
                                    const ChannelScaling& channels = {});

}  // namespace phiscope
