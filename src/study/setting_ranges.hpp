#pragma once
#include <string>
#include <utility>
#include <vector>

#include "phiscope/settings/settings_table.hpp"

namespace phiscope {

inline constexpr Range not_negative{0.0};
inline constexpr Range positive{.minimum = 0.0, .above_minimum = true};
inline constexpr Range below_one{.minimum = 0.0, .maximum = 1.0, .below_maximum = true};
inline constexpr Range at_least_one{1.0};
/// Of what is counted in a training: so many that products of two are still exact.
inline constexpr Range counted{1.0, 1e9};

/// Names that are kept as text.
inline std::vector<std::pair<std::string, std::string>> words(const std::vector<std::string>& names) {
  std::vector<std::pair<std::string, std::string>> choices;
  for (const auto& name : names) choices.emplace_back(name, name);
  return choices;
}

}  // namespace phiscope
