#include "parameter_table.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string_view>

#include "phiscope/base/error.hpp"
#include "phiscope/io/data_table.hpp"
#include "phiscope/io/text_lines.hpp"

namespace phiscope {
namespace {

/// Of a column with the bound on the error of the column before the ending.
constexpr const char* bound_ending = "_bound";

/// Words that are the same number are the same name: 7, 07 and 7.0, and LH_7, as simulations are called.
std::string plain(const std::string& word) {
  if (const auto number = parse_number<double>(word)) return fmt::format("{}", *number);
  const auto digits = word.find_last_not_of("0123456789") + 1;
  const auto number = parse_number<std::uint64_t>(std::string_view(word).substr(digits));
  return number ? fmt::format("{}", *number) : word;
}

/// The row of each simulation.
std::vector<std::size_t> rows_of(const DataTable& table, const std::string& key,
                                 const std::vector<std::string>& simulations) {
  std::vector<std::size_t> rows;
  if (key.empty()) {
    if (table.rows() != simulations.size())
      fail(
          "{}: it has {} rows, but there are {} simulations (data.per_simulation says how many items each has); "
          "expected one row for each, or data.parameters_key to name the column that says whose a row is",
          table.file().string(), table.rows(), simulations.size());
    for (std::size_t i = 0; i < simulations.size(); ++i) rows.push_back(i);
    return rows;
  }
  std::map<std::string, std::size_t> by_name;
  const auto names = table.words(key);
  for (std::size_t row = 0; row < names.size(); ++row)
    if (!by_name.try_emplace(plain(names[row]), row).second)
      fail("{}: '{}' stands twice in column '{}'", table.place(row), names[row], key);
  for (const auto& simulation : simulations) {
    const auto found = by_name.find(plain(simulation));
    if (found == by_name.end())
      fail("{}: no row of column '{}' says '{}', which is a simulation of the study", table.file().string(), key,
           simulation);
    rows.push_back(found->second);
  }
  return rows;
}

}  // namespace

void read_parameters(const DataSettings& data, const TaskSettings& task, const std::vector<std::string>& simulations,
                     LabelledData& labelled) {
  if (data.parameters.empty()) {
    if (task.kind == "regression")
      fail("data.parameters is missing: a regression needs the table of what is to be told");
    return;
  }
  const DataTable table = read_data_table(data.parameters, "", data.parameter_names);
  const auto rows = rows_of(table, data.parameters_key, simulations);
  labelled.files.push_back(data.parameters);
  if (task.kind != "regression") return;
  labelled.target_names = task.targets;
  if (labelled.target_names.empty())
    for (const auto& name : table.names())
      if (name != data.parameters_key && !name.ends_with(bound_ending) && !table.is_of_words(name))
        labelled.target_names.push_back(name);
  const std::size_t targets = labelled.target_names.size();
  labelled.target_values.resize(rows.size() * targets);
  for (std::size_t t = 0; t < targets; ++t) {
    const auto numbers = table.numbers(labelled.target_names[t]);
    for (std::size_t i = 0; i < rows.size(); ++i) labelled.target_values[i * targets + t] = numbers[rows[i]];
  }
  const auto& names = labelled.target_names;
  if (!std::all_of(names.begin(), names.end(), [&](auto& name) { return table.has(name + bound_ending); })) return;
  labelled.target_bounds.resize(rows.size() * targets);
  for (std::size_t t = 0; t < targets; ++t) {
    const auto bounds = table.numbers(names[t] + bound_ending);
    for (std::size_t i = 0; i < rows.size(); ++i) labelled.target_bounds[i * targets + t] = bounds[rows[i]];
  }
}

}  // namespace phiscope
