#pragma once
#include <optional>
#include <span>
#include <string>

namespace phiscope {

/// Spearman's rank correlation of two maps of equal size: Pearson's of their ranks, equal values having the mean of
/// the ranks that they take up. Nothing where a map is the same everywhere or has a value that is not finite: it has
/// no order then.
std::optional<double> rank_correlation(std::span<const float> a, std::span<const float> b);

/// How a map fared in the weight-randomisation check.
struct MapCheck {
  double correlation;   ///< with the map of random weights; NaN where it is not defined
  std::string failure;  ///< why the map is not to be trusted; empty where it passed

  bool passed() const { return failure.empty(); }
};

/// The weight-randomisation check of Adebayo et al. 2018 ("Sanity checks for saliency maps"): a map that random weights
/// give as well, of a rank correlation of 0.6 and more, explains the input, not the network. A map that is the same
/// everywhere, or not finite, explains nothing, and fails by name whatever its correlation.
MapCheck check_map(std::span<const float> map, std::span<const float> of_random_weights);

}  // namespace phiscope
