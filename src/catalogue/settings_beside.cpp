#include "phiscope/catalogue/settings_beside.hpp"

#include <string>
#include <system_error>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/catalogue/run_files.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/key_value_lines.hpp"

namespace phiscope {
namespace {

constexpr std::string_view ending = "_settings_used.ini";

/// The settings whose name begins as the file's, the longest such name; none if there is none.
std::vector<std::filesystem::path> of_the_same_run(const std::vector<std::filesystem::path>& all,
                                                   const std::string& name) {
  std::vector<std::filesystem::path> best;
  std::size_t length = 0;
  for (const auto& file : all) {
    const std::string base = file.filename().string();
    const std::string start = base.substr(0, base.size() - ending.size() + 1);
    if (!name.starts_with(start) || start.size() <= length) continue;
    best = {file};
    length = start.size();
  }
  return best;
}

std::optional<BoxBeside> box_of(const std::filesystem::path& file) {
  try {
    const std::string text = read_text_file(file);
    int number = 0;
    for (const std::string_view line : split(text, '\n')) {
      ++number;
      const auto setting = KeyAndValue::of(line);
      if (!setting || setting->key != "boxsize") continue;
      const auto size = parse_number<double>(setting->value);
      if (size && *size > 0) return BoxBeside{*size, file, number};
      return std::nullopt;
    }
  } catch (const Error&) {
    return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<BoxBeside> box_beside(const std::filesystem::path& file) {
  auto all = settings_files(file.parent_path());
  std::error_code code;
  std::erase_if(all, [&](const auto& settings) { return !std::filesystem::is_regular_file(settings, code); });
  const auto same = of_the_same_run(all, file.filename().string());
  std::optional<BoxBeside> box;
  for (const auto& settings : same.empty() ? all : same) {
    const auto found = box_of(settings);
    if (!found || (box && box->size != found->size)) return std::nullopt;
    box = found;
  }
  return box;
}

}  // namespace phiscope
