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
  std::vector<Row> rows;              ///< each with the number of columns asked for
  std::vector<std::string> comments;  ///< without the `#`
};

/// Throws Error with file and line when a row does not hold `columns` finite numbers. A row cut short by a kill is
/// left out where `may_be_cut`: the last of the file, or one that the next run's first comment follows on its line.
NumberTable read_number_table(const std::filesystem::path& file, std::size_t columns, bool may_be_cut);

}  // namespace phiscope
