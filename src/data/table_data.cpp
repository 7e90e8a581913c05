#include "table_data.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "phiscope/base/error.hpp"
#include "phiscope/io/data_table.hpp"

namespace phiscope {
namespace {

/// All values that the network sees, in memory.
class TableSource : public ItemSource {
 public:
  /// `values`: rows × columns.
  TableSource(const std::vector<float>& values, std::int64_t columns) : columns_(columns) {
    for (auto row = values.begin(); row != values.end(); row += columns)
      rows_.push_back(std::make_shared<const std::vector<float>>(row, row + columns));
  }

  ItemShape shape() const noexcept override { return ItemShape::row(columns_); }
  std::vector<float> make(ItemId id) const override { return *rows_[id.within]; }
  std::shared_ptr<const std::vector<float>> in_memory(ItemId id) const override { return rows_[id.within]; }

 private:
  std::vector<std::shared_ptr<const std::vector<float>>> rows_;
  std::int64_t columns_;
};

/// The column as the network sees it: as float, with its logarithm taken where that is asked for.
std::vector<float> input_column(const DataTable& table, const std::string& name, Scaling scaling) {
  const auto numbers = table.numbers(name);
  std::vector<float> values;
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    if (scaling == Scaling::log && !(numbers[row] > 0))
      fail("{}: column '{}' is {}, expected a number above 0, as its logarithm is taken", table.place(row), name,
           numbers[row]);
    const auto value = static_cast<float>(scaling == Scaling::log ? std::log10(numbers[row]) : numbers[row]);
    if (!std::isfinite(value))
      fail("{}: column '{}' is {}, more than float32 holds", table.place(row), name, numbers[row]);
    values.push_back(value);
  }
  return values;
}

/// Equal words (or numbers) become equal numbers, counted from 0 by their first row.
std::vector<std::uint64_t> groups_of(const std::vector<std::string>& words) {
  std::map<std::string, std::uint64_t> known;
  std::vector<std::uint64_t> groups;
  for (const auto& word : words) groups.push_back(known.try_emplace(word, known.size()).first->second);
  return groups;
}

}  // namespace

LabelledData open_table(const DataSettings& data, const TaskSettings& task) {
  if (data.table.empty()) fail("data.table is missing: data.kind table needs the file");
  const DataTable table = read_data_table(data.table, data.dataset);
  if (data.columns.empty())
    fail("data.columns is empty: it lists the columns that the network sees, out of {}",
         fmt::join(table.names(), ", "));
  LabelledData labelled;
  const auto rows = table.rows(), columns = data.columns.size();
  std::vector<float> values(rows * columns);
  for (std::size_t c = 0; c < columns; ++c) {
    const auto& name = data.columns[c];
    if (std::find(task.targets.begin(), task.targets.end(), name) != task.targets.end())
      fail("the column '{}' is among data.columns and task.targets: the network would see its own answer", name);
    const auto own = data.column_scaling.find(name);
    const Scaling scaling = own == data.column_scaling.end() ? data.scaling : own->second;
    const auto column = input_column(table, name, scaling);
    for (std::size_t row = 0; row < rows; ++row) values[row * columns + c] = column[row];
    labelled.channel_names.push_back(name);
    labelled.channel_scaling.push_back(scaling);
  }
  for (const auto& [name, scaling] : data.column_scaling)
    if (std::find(data.columns.begin(), data.columns.end(), name) == data.columns.end())
      fail("data.column_scaling.{}: there is no such column among data.columns ({})", name,
           fmt::join(data.columns, ", "));

  std::vector<std::int32_t> members(rows, 0);
  if (task.kind == "classification") {
    if (task.targets.size() != 1)
      fail("task.targets lists {} columns, expected the one whose words are the classes", task.targets.size());
    const auto words = table.words(task.targets.front());
    labelled.classes = data.classes;
    if (labelled.classes.empty()) {
      labelled.classes = words;
      std::sort(labelled.classes.begin(), labelled.classes.end());
      labelled.classes.erase(std::unique(labelled.classes.begin(), labelled.classes.end()), labelled.classes.end());
    }
    for (std::size_t row = 0; row < rows; ++row) {
      const auto found = std::find(labelled.classes.begin(), labelled.classes.end(), words[row]);
      if (found == labelled.classes.end())
        fail("{}: the class '{}' is not among data.classes ({})", table.place(row), words[row],
             fmt::join(labelled.classes, ", "));
      members[row] = static_cast<std::int32_t>(found - labelled.classes.begin());
    }
  } else {
    labelled.target_names = task.targets;
    labelled.target_values.resize(rows * task.targets.size());
    for (std::size_t t = 0; t < task.targets.size(); ++t) {
      const auto numbers = table.numbers(task.targets[t]);
      for (std::size_t row = 0; row < rows; ++row) labelled.target_values[row * task.targets.size() + t] = numbers[row];
    }
  }
  std::vector<std::uint64_t> groups;
  if (!data.group.empty()) groups = groups_of(table.words(data.group));
  for (std::size_t row = 0; row < rows; ++row)
    labelled.groups.push_back({{.group = groups.empty() ? row : groups[row],
                                .member = members[row],
                                .key = row,
                                .id = {.group = 0, .within = row},
                                .label = row}});
  labelled.source = std::make_unique<TableSource>(values, static_cast<std::int64_t>(columns));
  labelled.item_word = "row";
  labelled.group_word = data.group.empty() ? "row" : data.group;
  labelled.name_of = [table](const Item& item) { return table.place(item.id.within); };
  labelled.files = {data.table};
  return labelled;
}

LabelledData open_unlabelled_table(const DataSettings& data, std::span<const std::filesystem::path> files,
                                   std::int64_t) {
  if (files.size() != 1) fail("{} tables are given, expected one at a time", files.size());
  DataSettings unlabelled = data;
  unlabelled.table = files.front();
  return open_table(unlabelled, {});
}

}  // namespace phiscope
