#include "phiscope/catalogue/cube_origin.hpp"

#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "phiscope/catalogue/run_files.hpp"
#include "phiscope/io/text_lines.hpp"

namespace phiscope {

CatalogueEntry entry_of_snapshot(const GevolutionSettings& run, const GevolutionBackground& background, int number,
                                 std::filesystem::path file) {
  const std::span<const double> up_to_it(run.snapshot_redshifts.data(), static_cast<std::size_t>(number) + 1);
  const double real = snapshot_redshift(background, up_to_it);
  CatalogueEntry entry{run.seed, run.gravity, up_to_it.back(), real, std::move(file)};
  entry.downgrade_factor = run.downgrade_factor;
  entry.is_at_start = same_redshift(real, 1.0 / background.runs.front().front().a - 1.0);
  return entry;
}

int snapshot_number_of(const std::string& name, const GevolutionSettings& run) {
  const std::string base = std::filesystem::path(run.snapshot_base).filename().string();
  for (const std::string& beginning :
       {run.output_prefix + base, base, gravity_name(run.gravity) + std::string("_snap")}) {
    if (!name.starts_with(beginning)) continue;
    const std::string_view digits = std::string_view(name).substr(beginning.size());
    if (const auto number = parse_number<int>(digits.substr(0, digits.find_first_not_of("0123456789")))) return *number;
  }
  return -1;
}

std::optional<CatalogueEntry> origin_of_cube(const std::filesystem::path& file) {
  const auto settings = find_settings_file(file.parent_path());
  if (settings.empty()) return std::nullopt;
  const GevolutionSettings run = read_gevolution_settings(settings);
  const int number = snapshot_number_of(file.filename().string(), run);
  const auto time_steps = background_file(run);
  std::error_code code;
  if (number < 0 || static_cast<std::size_t>(number) >= run.snapshot_redshifts.size() ||
      !std::filesystem::exists(time_steps, code))
    return std::nullopt;
  return entry_of_snapshot(run, read_gevolution_background(time_steps), number, file);
}

}  // namespace phiscope
