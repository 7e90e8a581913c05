#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace phiscope {

/// A text table of gevolution: rows of numbers, `#` begins a comment.
struct NumberTable {
  struct Row {
    int line = 0;  ///< counted from 1
    std::vector<double> values;
  };
  std::vector<Row> rows;              ///< each with as many columns
  std::vector<std::string> comments;  ///< without the `#`
};

/// How many columns a table has: `exactly` so many, or as many as its first row, but not fewer than `fewest`.
struct Columns {
  std::size_t exactly = 0;
  std::size_t fewest = 1;
};

/// Throws Error with file and line when a row does not hold so many finite numbers. A row cut short by a kill is left
/// out where `may_be_cut`: the last of the file, or one that the next run's first comment follows on its line.
NumberTable read_number_table(const std::filesystem::path& file, Columns columns, bool may_be_cut);

}  // namespace phiscope
