#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace phiscope {

/// A table with named columns of numbers or words, whatever file it came from.
class DataTable {
 public:
  struct Column {
    std::string name;
    std::vector<std::string_view> words;  ///< of a text file, as they stand there
    std::vector<double> numbers;          ///< of a binary file
  };

  const std::filesystem::path& file() const noexcept { return file_; }
  std::size_t rows() const noexcept { return rows_; }
  std::vector<std::string> names() const;
  bool has(const std::string& name) const noexcept;
  /// Whether the column holds words that are no numbers (nor missing ones).
  bool is_of_words(const std::string& name) const;

  /// Throws Error when there is no such column, naming those there are, or a value is missing or not finite, naming its
  /// row.
  std::vector<double> numbers(const std::string& name) const;
  /// The same of words; numbers as they are written in the file. Throws Error when one is missing.
  std::vector<std::string> words(const std::string& name) const;
  /// "FILE:LINE" of a text file, "FILE, row ROW" of another; rows are counted from 0.
  std::string place(std::size_t row) const;

 private:
  friend DataTable read_data_table(const std::filesystem::path&, const std::string&, const std::vector<std::string>&);

  void read_text();
  void read_array(const std::string& dataset);
  void read_datasets();
  void name_columns(const std::vector<std::string>& names);
  const Column& column(const std::string& name) const;

  std::filesystem::path file_;
  std::size_t rows_ = 0;
  std::vector<Column> columns_;
  std::vector<std::int32_t> lines_;  ///< of each row of a text file
  std::shared_ptr<const std::string> text_;
  std::shared_ptr<std::vector<std::unique_ptr<std::string>>> unquoted_;  ///< words that held a quote
};

/// Reads a whole table:
/// - text: values with commas, semicolons, tabs or blanks between, `"` around words as in RFC 4180; the columns are
///   named by the first line where it is not all numbers, or by the last `#` line above the first row that has as many
///   words. Other `#` lines and empty lines are skipped;
/// - `.npy`: rows × columns of numbers;
/// - HDF5: the dataset `dataset` of rows × columns; where it is empty, the one-dimensional datasets, each a column of
///   its name, or else the only two-dimensional one.
/// Columns without a name are called column_1, column_2, …, or as `names` says, which must be as many. Throws Error
/// naming file and row where a row has another number of values than the first.
DataTable read_data_table(const std::filesystem::path& file, const std::string& dataset = "",
                          const std::vector<std::string>& names = {});

}  // namespace phiscope
