#include "phiscope/catalogue/run_files.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <system_error>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/io/text_lines.hpp"

namespace phiscope {
namespace {

constexpr std::string_view settings_ending = "_settings_used.ini";

/// The files of a folder that are chosen by their names, sorted; `code` says when it cannot be listed.
template <class Choice>
std::vector<std::filesystem::path> files_named(const std::filesystem::path& folder, std::error_code& code,
                                               const Choice& is_chosen) {
  std::vector<std::filesystem::path> files;
  std::filesystem::directory_iterator item(folder.empty() ? "." : folder, code);
  for (; !code && item != std::filesystem::directory_iterator(); item.increment(code))
    if (is_chosen(item->path().filename().string())) files.push_back(item->path());
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::filesystem::path> settings_files(const std::filesystem::path& folder, std::error_code& code) {
  return files_named(folder, code, [](const std::string& name) { return name.ends_with(settings_ending); });
}

/// The first name that is there, or the first of all.
std::filesystem::path first_there(const std::filesystem::path& folder, const std::vector<std::string>& names) {
  std::error_code code;
  for (const auto& name : names)
    if (std::filesystem::exists(folder / name, code)) return folder / name;
  return folder / names.front();
}

}  // namespace

FieldName FieldName::parse(const std::string& text) {
  const auto is_plain = [](unsigned char letter) { return std::isalnum(letter) != 0 || letter == '_'; };
  FieldName field{text.substr(0, text.find('['))};
  bool is_sound = !field.name.empty() && std::all_of(field.name.begin(), field.name.end(), is_plain);
  if (const std::string rest = text.substr(field.name.size()); !rest.empty()) {
    field.component = parse_number<std::int64_t>(std::string_view(rest).substr(1, rest.size() - 2));
    is_sound = is_sound && rest.ends_with(']') && field.component && *field.component >= 0;
  }
  if (!is_sound)
    fail(
        "'{}' names no field, expected letters, digits and underscores, as in …_phi.h5, and of a vector or tensor the "
        "component, counted from 0: B[1]",
        text);
  return field;
}

std::vector<std::filesystem::path> settings_files(const std::filesystem::path& folder) {
  std::error_code ignored;
  return settings_files(folder, ignored);
}

std::filesystem::path find_settings_file(const std::filesystem::path& folder) {
  std::error_code code;
  const auto found = settings_files(folder, code);
  if (code) fail("{}: cannot be listed: {}", folder.string(), code.message());
  // A copy that was kept, or another run's, may lie beside the one that is named after the folder.
  auto own = folder / (folder.filename().string() + std::string(settings_ending));
  if (std::find(found.begin(), found.end(), own) != found.end()) return own;
  if (found.size() > 1)
    fail("{}: two settings files, {} and {}; expected those of one run", folder.string(), found[0].filename().string(),
         found[1].filename().string());
  return found.empty() ? std::filesystem::path() : found.front();
}

std::filesystem::path background_file(const GevolutionSettings& run) {
  const std::string ending = "_background.dat";
  std::string beside = run.file.filename().string();
  if (beside.ends_with(settings_ending)) beside.resize(beside.size() - settings_ending.size());
  return first_there(run.file.parent_path(), {beside + ending, run.output_prefix + run.generic_base + ending,
                                              run.generic_base + ending, gravity_name(run.gravity) + ending});
}

std::filesystem::path snapshot_file(const GevolutionSettings& run, int number, const std::string& field) {
  const std::string ending = fmt::format("{:03}_{}.h5", number, field);
  // A base may lie in a folder of its own, which is often not kept.
  const std::string name = std::filesystem::path(run.snapshot_base).filename().string();
  return first_there(run.file.parent_path(),
                     {run.output_prefix + run.snapshot_base + ending, run.snapshot_base + ending, name + ending,
                      gravity_name(run.gravity) + "_snap" + ending});
}

std::set<std::string> snapshot_fields(const GevolutionSettings& run) {
  const std::string base = std::filesystem::path(run.snapshot_base).filename().string();
  std::set<std::string> fields;
  std::error_code code;
  const auto is_hdf5 = [](const std::string& name) { return name.ends_with(".h5"); };
  for (const auto& file : files_named(run.file.parent_path(), code, is_hdf5)) {
    const std::string name = file.stem().string();
    for (const auto& beginning : {run.output_prefix + base, base, gravity_name(run.gravity) + std::string("_snap")}) {
      if (!name.starts_with(beginning)) continue;
      const std::size_t end = name.find_first_not_of("0123456789", beginning.size());
      if (end == std::string::npos || end < beginning.size() + 3 || name[end] != '_') continue;
      const std::string field = name.substr(end + 1);
      const bool is_of_particles = field == "cdm" || field == "b" || field.starts_with("ncdm");
      if (!field.empty() && !is_of_particles) fields.insert(field);
    }
  }
  return fields;
}

bool is_power_table(const std::string& name, const std::string& field) {
  const std::string ending = "_" + field + ".dat";
  if (!name.ends_with(ending)) return false;
  const std::string_view base = std::string_view(name).substr(0, name.size() - ending.size());
  const auto is_digit = [](unsigned char letter) { return std::isdigit(letter) != 0; };
  return base.size() >= 3 && std::all_of(base.end() - 3, base.end(), is_digit);
}

std::vector<std::filesystem::path> power_tables(const std::filesystem::path& folder, Gravity gravity,
                                                const std::string& field) {
  const std::string of_the_other = gravity_name(gravity == Gravity::gr ? Gravity::newton : Gravity::gr) + "_pk";
  std::error_code ignored;
  return files_named(folder, ignored, [&](const std::string& name) {
    return is_power_table(name, field) && !name.starts_with(of_the_other);
  });
}

}  // namespace phiscope
