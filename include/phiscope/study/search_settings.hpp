#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "phiscope/settings/settings_table.hpp"

namespace phiscope {

enum class SearchMethod { random, successive_halving };

/// The values that a search tries for one setting: numbers between two limits, or a few choices.
struct SearchRange {
  std::string setting;       ///< "training.optimizer.learning_rate"
  double minimum = 0.0;      ///< a possible value itself
  double maximum = 0.0;      ///< likewise
  bool logarithmic = false;  ///< equal ratios are equally probable, not equal differences
  bool integer = false;
  std::vector<std::string> choices{};  ///< not empty: in place of numbers

  bool operator==(const SearchRange&) const = default;
};

struct SearchSettings {
  SearchMethod method = SearchMethod::random;
  std::int64_t trials = 16;
  std::uint64_t seed = 1;
  int ranks_per_trial = 1;
  std::int64_t reduction = 3;     ///< successive_halving: one trial in so many goes on to the next round
  std::int64_t first_epochs = 1;  ///< successive_halving: of the first round
  std::vector<SearchRange> ranges;
};

/// `text`: "{min: 1e-4, max: 1e-1, scale: log}", "{min: 4, max: 16, integer: true}" or "{choices: [adam, sgd]}".
/// Settings that count are drawn as integers anyway. Throws Error when the setting is not known, is none that a search
/// may vary (the data, the split, what the score is made of), or does not take the range's limits or choices.
SearchRange parse_search_range(const std::string& setting, const std::string& text);
/// The shortest text that parse_search_range() reads back.
std::string format_search_range(const SearchRange& range);

/// What trial number `trial` of a search has for a setting, as text. It depends on the search's seed, the trial's
/// number and the setting alone. Numbers have four significant digits, so that the last bit of a logarithm on some
/// machine changes nothing.
std::string draw(const SearchRange& range, std::uint64_t seed, std::int64_t trial);

/// Adds the section `search`.
void add_search(SettingsTable& table, SearchSettings& settings);

/// Throws Error unless there is something to search, and the rounds of a halving lie within `epochs`.
void check_search_settings(const SearchSettings& settings, std::int64_t epochs);

}  // namespace phiscope
