#pragma once
#include <string>
#include <vector>

#include "phiscope/study/search_settings.hpp"
#include "phiscope/study/trial_score.hpp"

namespace phiscope {

/// One trial of a search as its table shows it.
struct SearchRow {
  TrialScore score;
  std::string status;               ///< "complete", "dropped", "diverged", "refused"
  std::vector<std::string> values;  ///< in the order of the ranges
};

/// The lowest validation loss first, of equal ones the lower number; trials that failed last.
void sort_best_first(std::vector<SearchRow>& rows);

/// search.csv. The reason of a failure stands in the status, after a colon.
std::string search_csv(const SearchSettings& settings, const std::vector<SearchRow>& sorted_rows);
/// The first `most` rows, aligned for reading.
std::string search_text(const SearchSettings& settings, const std::vector<SearchRow>& sorted_rows, std::size_t most);

}  // namespace phiscope
