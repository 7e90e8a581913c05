#pragma once
#include <cstdint>
#include <vector>

#include "phiscope/data/dataset_settings.hpp"
#include "phiscope/data/labelled_data.hpp"

namespace phiscope {

/// How the groups of a study become three parts where no list says so.
struct SplitFractions {
  std::vector<double> fractions;  ///< of training, validation and test; empty: the lists of a Split
  std::uint64_t seed = 1;         ///< of the draw
};

/// The parts of all groups: drawn at random by fractions (the same for the same groups and seed), or by the lists of
/// `split`, which name groups by their number. Items of one group always stay together. Throws Error where a part would
/// be empty, a listed group does not exist, or one is listed twice.
LabelledParts split_groups(const std::vector<ItemGroup>& groups, const Split& split, const SplitFractions& fractions);

}  // namespace phiscope
