#include <algorithm>
#include <set>
#include <sstream>

#include "describe.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/data_table.hpp"

namespace phiscope {
namespace {

/// "3 words: galaxy, quasar, star", "0.1 … 0.5", or why it is neither.
std::string column_text(const DataTable& table, const std::string& name) {
  constexpr std::size_t shown = 6;
  try {
    if (!table.is_of_words(name)) {
      const auto numbers = table.numbers(name);
      const auto [lowest, highest] = std::minmax_element(numbers.begin(), numbers.end());
      return *lowest == *highest ? fmt::format("{} everywhere", *lowest) : fmt::format("{} … {}", *lowest, *highest);
    }
    const auto all = table.words(name);
    const std::set<std::string> words(all.begin(), all.end());
    const auto end = std::next(words.begin(), static_cast<std::ptrdiff_t>(std::min(shown, words.size())));
    return fmt::format("{} words: {}{}", words.size(), fmt::join(words.begin(), end, ", "),
                       words.size() > shown ? ", …" : "");
  } catch (const Error& problem) {
    return problem.what();
  }
}

}  // namespace

std::string describe_table(const std::filesystem::path& file) {
  const DataTable table = read_data_table(file);
  std::string text = fmt::format("{}: table\n  {} rows\n", file.string(), table.rows());
  for (const auto& name : table.names()) text += fmt::format("  {:<18} {}\n", name, column_text(table, name));
  return text;
}

std::string describe_simulated(const std::filesystem::path& folder) {
  std::string text = fmt::format("{}: made by phiscope simulate\n", folder.string());
  std::istringstream lines(read_text_file(folder / "simulated.txt"));
  for (std::string line; std::getline(lines, line);) text += "  " + line + "\n";
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string() + (entry.is_directory() ? "/" : ""));
  std::sort(names.begin(), names.end());
  constexpr std::size_t shown = 12;
  for (std::size_t i = 0; i < std::min(shown, names.size()); ++i) text += fmt::format("  {}\n", names[i]);
  if (names.size() > shown) text += fmt::format("  and {} more\n", names.size() - shown);
  return text;
}

}  // namespace phiscope
