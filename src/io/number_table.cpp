#include "phiscope/io/number_table.hpp"

#include <cmath>
#include <string_view>

#include "phiscope/base/error.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/text_lines.hpp"

namespace phiscope {
namespace {

/// The numbers of a row; fewer than its words when one of them is not a finite number.
std::vector<double> numbers_of(std::string_view row) {
  std::vector<double> numbers;
  for (const std::string_view word : words(row)) {
    const auto number = parse_number<double>(word);
    if (!number || !std::isfinite(*number)) return {};
    numbers.push_back(*number);
  }
  return numbers;
}

}  // namespace

NumberTable read_number_table(const std::filesystem::path& file, Columns columns, bool may_be_cut) {
  const std::string text = read_text_file(file);
  const auto lines = split(text, '\n');
  NumberTable table;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::size_t hash = lines[i].find('#');
    const std::string_view row = trimmed(lines[i].substr(0, hash));
    if (hash != std::string_view::npos) table.comments.emplace_back(trimmed(lines[i].substr(hash + 1)));
    if (row.empty()) continue;
    std::vector<double> numbers = numbers_of(row);
    const int line = static_cast<int>(i) + 1;
    // The text ends with a new line unless the last row was cut, so a cut row is the last of all parts.
    const bool is_cut = may_be_cut && (hash != std::string_view::npos || i + 1 == lines.size());
    if (columns.exactly == 0 && !is_cut && numbers.size() >= columns.fewest) columns.exactly = numbers.size();
    if (numbers.size() == columns.exactly && columns.exactly != 0)
      table.rows.push_back({line, std::move(numbers)});
    else if (!is_cut)
      fail("{}:{}: '{}' is not a row of {} numbers", file.string(), line, std::string(row),
           columns.exactly != 0 ? fmt::format("{}", columns.exactly) : fmt::format("{} or more", columns.fewest));
  }
  return table;
}

}  // namespace phiscope
