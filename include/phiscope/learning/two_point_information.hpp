#pragma once
#include <span>
#include <vector>

#include "phiscope/data/item.hpp"
#include "phiscope/data/item_store.hpp"
#include "phiscope/learning/classification_metrics.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// What the power spectrum of the transformed cubes alone can tell about the two gravities, up to the wavenumber
/// (N/2 − 1) k_F beyond which gevolution's initial power is zero.
struct TwoPointInformation {
  /// The best accuracies that two-point information allows if the fields are Gaussian (gaussian_field_accuracy), from
  /// the paired ratio of the training cubes' spectra and the numbers of independent modes: of a whole cube, and of a
  /// slice, whose spectrum (its mean included) is the cube's summed along the normal, over all three directions.
  double cube_bound = 0, slice_bound = 0;
  /// The test cubes, scored by a Gaussian likelihood-ratio classifier of ln P(k) that was fitted to the training cubes:
  /// ln L(gr)/L(newton) as the logit. What a two-point classifier reaches on these very seeds.
  std::vector<ScoredSample> scored_cubes;
};

/// Collective: shares the cubes out over the ranks; the same on any number of them. For transforms with one channel and
/// at least two training pairs. Throws AgreedError for a bad cube.
TwoPointInformation two_point_information(const Communicator& ranks, ItemStore& store, double box_size,
                                          std::span<const ItemGroup> train, std::span<const ItemGroup> test);

}  // namespace phiscope
