#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "phiscope/study/search_settings.hpp"

namespace phiscope {

/// Up to which epoch the trials of each round of a search are trained, counted from the beginning of their training:
/// first_epochs, times the reduction from round to round, `epochs` in the last. One round for random search.
std::vector<std::int64_t> epochs_of_rounds(const SearchSettings& settings, std::int64_t epochs);

/// What promotion looks at.
struct RoundScore {
  std::int64_t trial = 0;
  std::optional<double> validation_loss;  ///< the best so far; none of a trial that failed
};

/// Successive halving (Jamieson & Talwalkar 2016, arXiv:1502.07943): the trials of lowest loss that go on, in order of
/// their numbers: one in `reduction` of those in the round, rounded down, but one at least. Of equal losses the lower
/// number goes on; failed trials count as part of the round, but never go on.
std::vector<std::int64_t> promoted(std::vector<RoundScore> round, std::int64_t reduction);

}  // namespace phiscope
