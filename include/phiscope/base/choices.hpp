#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace phiscope {

/// The word for a choice of a list that has all of them.
template <class Choice>
const std::string& word_of(const std::vector<std::pair<std::string, Choice>>& names, Choice choice) {
  return std::find_if(names.begin(), names.end(), [&](const auto& name) { return name.second == choice; })->first;
}

/// The choice that a word is for; nothing where there is none.
template <class Choice>
std::optional<Choice> choice_named(const std::vector<std::pair<std::string, Choice>>& names, const std::string& word) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const auto& name) { return name.first == word; });
  return found == names.end() ? std::nullopt : std::optional(found->second);
}

/// The row of a table (of stages, tasks, …) that is called so; null where there is none.
template <class Row>
const Row* find_row(const std::vector<Row>& table, const std::string& name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const Row& row) { return row.name == name; });
  return found == table.end() ? nullptr : &*found;
}

}  // namespace phiscope
