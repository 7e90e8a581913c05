#include "phiscope/io/data_table.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>

#include "phiscope/base/error.hpp"
#include "phiscope/base/suggestion.hpp"
#include "phiscope/io/array_file.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/cube_file.hpp"
#include "phiscope/io/hdf5_reader.hpp"
#include "phiscope/io/shape_text.hpp"
#include "phiscope/io/text_lines.hpp"

namespace phiscope {
namespace {

/// Of UTF-8, as spreadsheets write it.
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::uint64_t most_table_bytes = std::uint64_t{4} << 30U;

bool is_missing(std::string_view word) {
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return lower.empty() || lower == "nan" || lower == "na" || lower == "n/a" || lower == "null" || lower == "none";
}

/// Cuts a line of a text table into its words.
class LineCutter {
 public:
  /// `separator`: 0 for blanks. `unquoted` keeps the words that are not in the text as they are meant.
  LineCutter(char separator, std::vector<std::unique_ptr<std::string>>& unquoted)
      : separator_(separator), unquoted_(unquoted) {}

  std::vector<std::string_view> cut(std::string_view line, const std::string& place) {
    if (separator_ == 0) return phiscope::words(line);
    std::vector<std::string_view> words;
    for (;;) {
      const auto start = line.find_first_not_of(separator_ == '\t' ? " " : " \t");
      if (start != std::string_view::npos && line[start] == '"') {
        words.push_back(quoted(line, start + 1, place));
        const auto next = line.find(separator_);
        if (!trimmed(line.substr(0, next)).empty())
          fail("{}: found '{}' behind a closing quote, expected '{}' or the end of the line", place,
               trimmed(line.substr(0, next)), separator_);
        if (next == std::string_view::npos) return words;
        line.remove_prefix(next + 1);
        continue;
      }
      const auto end = line.find(separator_);
      words.push_back(trimmed(line.substr(0, end)));
      if (end == std::string_view::npos) return words;
      line.remove_prefix(end + 1);
    }
  }

 private:
  /// From behind the opening quote; `line` is what follows the closing one then.
  std::string_view quoted(std::string_view& line, std::size_t begin, const std::string& place) {
    auto word = std::make_unique<std::string>();
    for (std::size_t i = begin; i < line.size(); ++i) {
      if (line[i] != '"') {
        *word += line[i];
      } else if (i + 1 < line.size() && line[i + 1] == '"') {
        *word += line[++i];
      } else {
        line.remove_prefix(i + 1);
        unquoted_.push_back(std::move(word));
        return *unquoted_.back();
      }
    }
    fail("{}: a quote is not closed, expected '\"' on the same line", place);
  }

  char separator_;
  std::vector<std::unique_ptr<std::string>>& unquoted_;
};

/// What stands between the values of a line; 0 for blanks.
char separator_of(std::string_view line) {
  for (const char separator : {',', ';', '\t'})
    if (line.find(separator) != std::string_view::npos) return separator;
  return 0;
}

bool is_number(std::string_view word) {
  return parse_number<double>(word).has_value();
}

std::vector<std::string> texts(const std::vector<std::string_view>& words) {
  return {words.begin(), words.end()};
}

std::string list_text(const std::vector<std::string>& names) {
  constexpr std::size_t shown = 24;
  std::string text = fmt::format(
      "{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(shown, names.size())), ", "));
  if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

}  // namespace

void DataTable::read_text() {
  text_ = std::make_shared<const std::string>(read_text_file(file_, most_table_bytes));
  unquoted_ = std::make_shared<std::vector<std::unique_ptr<std::string>>>();
  std::string_view rest = *text_;
  if (rest.starts_with(byte_order_mark)) rest.remove_prefix(byte_order_mark.size());
  std::optional<LineCutter> cutter;
  std::vector<std::string> names;
  std::vector<std::string_view> comments;
  for (std::int32_t number = 1; !rest.empty(); ++number) {
    const auto end = std::min(rest.find('\n'), rest.size());
    std::string_view line = rest.substr(0, end);  // with its blanks: between tabs they are empty values
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    const std::string_view inner = trimmed(line);
    if (inner.empty() || inner.front() == '#') {
      if (!inner.empty() && columns_.empty()) comments.push_back(trimmed(inner.substr(1)));
      continue;
    }
    const std::string place = fmt::format("{}:{}", file_.string(), number);
    if (!cutter) cutter.emplace(separator_of(inner), *unquoted_);
    const auto words = cutter->cut(line, place);
    if (names.empty() && columns_.empty() &&
        std::any_of(words.begin(), words.end(), [](auto word) { return !is_number(word) && !is_missing(word); })) {
      names = texts(words);
      continue;
    }
    if (columns_.empty()) {
      columns_.resize(names.empty() ? words.size() : names.size());
      for (std::size_t i = 0; i < names.size(); ++i) columns_[i].name = names[i];
    }
    if (words.size() != columns_.size())
      fail("{}: found {} values, expected {} as in {}", place, words.size(), columns_.size(),
           names.empty() ? "the rows above" : "the line that names the columns");
    for (std::size_t i = 0; i < words.size(); ++i) columns_[i].words.push_back(words[i]);
    lines_.push_back(number);
    ++rows_;
  }
  if (rows_ == 0) fail("{}: it holds no row of values", file_.string());
  if (!names.empty()) return;
  // The last comment that can be the columns' names is them.
  std::reverse(comments.begin(), comments.end());
  for (const auto comment : comments) {
    std::vector<std::string_view> words;
    try {
      words = LineCutter(separator_of(comment), *unquoted_).cut(comment, file_.string());
    } catch (const Error&) {
      continue;  // a sentence with quotes
    }
    if (words.size() != columns_.size() || std::all_of(words.begin(), words.end(), is_number)) continue;
    for (std::size_t i = 0; i < words.size(); ++i) columns_[i].name = words[i];
    return;
  }
}

void DataTable::read_array(const std::string& dataset) {
  const ArrayFile array(file_, dataset);
  if (array.shape().size() > 2)
    fail("{}: it holds an array of {}, expected a table of rows × columns", file_.string(), shape_text(array.shape()));
  rows_ = array.entries();
  const std::size_t columns = array.entry_values();
  if (rows_ == 0 || columns == 0) fail("{}: it holds no row of values", file_.string());
  std::vector<double> values(rows_ * columns);
  array.read(0, std::span<double>(values));
  columns_.resize(columns);
  for (std::size_t i = 0; i < values.size(); ++i) columns_[i % columns].numbers.push_back(values[i]);
}

void DataTable::read_datasets() {
  const Hdf5Reader reader(file_);
  std::vector<std::string> of_two_axes;
  for (const auto& name : reader.datasets()) {
    const auto shape = reader.shape(name);
    if (shape.size() == 2) of_two_axes.push_back(name);
    if (shape.size() != 1) continue;
    if (!columns_.empty() && shape[0] != rows_)
      fail("{}: dataset '{}' has {} rows and '{}' has {}, expected as many in each column", file_.string(), name,
           shape[0], columns_.front().name, rows_);
    rows_ = shape[0];
    Column column{.name = name.starts_with('/') ? name.substr(1) : name, .words = {}, .numbers = {}};
    if (reader.type(name) == "string") {
      if (unquoted_ == nullptr) unquoted_ = std::make_shared<std::vector<std::unique_ptr<std::string>>>();
      for (auto& word : reader.read_strings(name)) {
        unquoted_->push_back(std::make_unique<std::string>(std::move(word)));
        column.words.emplace_back(*unquoted_->back());
      }
    } else {
      column.numbers.resize(rows_);
      if (rows_ > 0) ArrayFile(file_, name).read(0, std::span<double>(column.numbers));
    }
    columns_.push_back(std::move(column));
  }
  if (columns_.empty()) return read_array(of_two_axes.size() == 1 ? of_two_axes.front() : "");
  if (rows_ == 0) fail("{}: it holds no row of values", file_.string());
}

void DataTable::name_columns(const std::vector<std::string>& names) {
  if (!names.empty()) {
    if (names.size() != columns_.size())
      fail("{}: it has {} columns, but {} names are given for them ({})", file_.string(), columns_.size(), names.size(),
           list_text(names));
    for (std::size_t i = 0; i < names.size(); ++i) columns_[i].name = names[i];
  }
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (columns_[i].name.empty()) columns_[i].name = fmt::format("column_{}", i + 1);
  auto sorted = this->names();
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end()) fail("{}: two columns are called '{}'", file_.string(), *twice);
}

std::vector<std::string> DataTable::names() const {
  std::vector<std::string> names;
  for (const auto& column : columns_) names.push_back(column.name);
  return names;
}

bool DataTable::has(const std::string& name) const noexcept {
  return std::any_of(columns_.begin(), columns_.end(), [&](const Column& column) { return column.name == name; });
}

const DataTable::Column& DataTable::column(const std::string& name) const {
  for (const auto& column : columns_)
    if (column.name == name) return column;
  const auto all = names();
  const auto near = nearest_word(name, all);
  fail("{}: there is no column '{}'; it has {}{}", file_.string(), name, list_text(all),
       near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near));
}

std::string DataTable::place(std::size_t row) const {
  return lines_.empty() ? fmt::format("{}, row {}", file_.string(), row)
                        : fmt::format("{}:{}", file_.string(), lines_[row]);
}

bool DataTable::is_of_words(const std::string& name) const {
  const Column& found = column(name);
  return std::any_of(found.words.begin(), found.words.end(),
                     [](auto word) { return !is_missing(word) && !is_number(word); });
}

std::vector<double> DataTable::numbers(const std::string& name) const {
  const Column& found = column(name);
  std::vector<double> numbers = found.numbers;
  numbers.reserve(rows_);
  for (const auto word : found.words) {
    const auto number = parse_number<double>(word);
    if (!number && !is_missing(word))
      fail("{}: column '{}' holds '{}', expected a number", place(numbers.size()), name, word);
    numbers.push_back(number.value_or(std::nan("")));
  }
  for (std::size_t row = 0; row < rows_; ++row)
    if (!std::isfinite(numbers[row])) {
      const auto missing =
          std::count_if(numbers.begin(), numbers.end(), [](double value) { return !std::isfinite(value); });
      fail("{}: column '{}' has no finite value (found '{}'); {} of its {} rows have none: mend or remove them",
           place(row), name, found.words.empty() ? fmt::format("{}", numbers[row]) : std::string(found.words[row]),
           missing, rows_);
    }
  return numbers;
}

std::vector<std::string> DataTable::words(const std::string& name) const {
  const Column& found = column(name);
  std::vector<std::string> words = texts(found.words);
  for (const double number : found.numbers) words.push_back(fmt::format("{}", number));
  for (std::size_t row = 0; row < rows_; ++row)
    if (is_missing(words[row])) fail("{}: column '{}' has no value (found '{}')", place(row), name, words[row]);
  return words;
}

DataTable read_data_table(const std::filesystem::path& file, const std::string& dataset,
                          const std::vector<std::string>& names) {
  DataTable table;
  table.file_ = file;
  const bool is_hdf5 = [&] {
    const auto suffix = file.extension().string();
    return suffix == ".h5" || suffix == ".hdf5" || suffix == ".hdf";
  }();
  if (is_npy_file(file) || (is_hdf5 && !dataset.empty()))
    table.read_array(dataset);
  else if (is_hdf5)
    table.read_datasets();
  else
    table.read_text();
  table.name_columns(names);
  return table;
}

}  // namespace phiscope
