#include "phiscope/catalogue/gevolution_settings.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "gevolution_cosmology.hpp"
#include "gevolution_keys.hpp"
#include "phiscope/io/key_value_lines.hpp"

namespace phiscope {
namespace {

/// gevolution sorts its list before it numbers the snapshots.
void read_redshifts(const KeyValueLines& lines, GevolutionSettings& settings) {
  constexpr std::size_t most = 32;  // gevolution's MAX_OUTPUTS; it passes over the rest
  const std::string key = "snapshot redshifts";
  auto redshifts = lines.numbers(key, -1, "a list of redshifts, each larger than -1, with commas between");
  if (redshifts.size() > most)
    fail("{}:{}: '{}' lists {} redshifts, expected {} at most: gevolution passes over the others",
         lines.file().string(), lines.line_of(key), key, redshifts.size(), most);
  settings.is_listed_otherwise = !std::is_sorted(redshifts.begin(), redshifts.end(), std::greater<>());
  std::stable_sort(redshifts.begin(), redshifts.end(), std::greater<>());
  settings.snapshot_redshifts = std::move(redshifts);
}

/// gevolution looks at the first letter, and takes GR where there is no setting.
Gravity gravity_of(const KeyValueLines& lines) {
  const std::string key = "gravity theory";
  const std::string name = lines.text_or(key, "GR");
  if (name.starts_with('N') || name.starts_with('n')) return Gravity::newton;
  if (name.starts_with('G') || name.starts_with('g')) return Gravity::gr;
  lines.fail_value(key, "GR or Newton");
}

void read_grid(const KeyValueLines& lines, GevolutionSettings& settings) {
  const char* whole = "a whole number larger than 0";
  const auto cells = lines.number<std::int64_t>("Ngrid", whole);
  if (cells <= 0) lines.fail_value("Ngrid", whole);
  const std::string key = "downgrade factor";
  if (lines.has(key)) settings.downgrade_factor = lines.number<std::int64_t>(key, whole);
  if (settings.downgrade_factor <= 0 || cells % settings.downgrade_factor != 0)
    lines.fail_value(key, fmt::format("a divisor of Ngrid = {}", cells));
  settings.grid_size = cells / settings.downgrade_factor;
}

void read_names(const KeyValueLines& lines, GevolutionSettings& settings) {
  const std::string path = lines.text_or("output path", "");
  settings.output_prefix = path.substr(path.rfind('/') + 1);
  settings.generic_base = lines.text_or("generic file base", "");
  settings.snapshot_base = lines.text_or("snapshot file base", "snapshot");
}

std::vector<std::string> unknown_keys(const KeyValueLines& lines, const std::vector<UnmodelledKey>& unmodelled) {
  std::vector<std::string> unknown;
  for (const auto& [key, line] : lines.lines()) {
    const bool is_named =
        std::any_of(unmodelled.begin(), unmodelled.end(), [at = line](const auto& other) { return other.line == at; });
    if (!is_named && !is_gevolution_key(key)) unknown.push_back(key);
  }
  return unknown;
}

std::string reason(const GevolutionSettings& run, bool growth_alone) {
  std::vector<std::string> keys;
  for (const UnmodelledKey& key : run.unmodelled)
    if (key.growth || !growth_alone)
      keys.push_back(fmt::format("'{}' in line {} ({})", key.text, key.line, key.meaning));
  return keys.empty() ? std::string() : fmt::format("{} says {}", run.file.string(), fmt::join(keys, ", "));
}

}  // namespace

int GevolutionSettings::line_of(const std::string& key) const {
  const auto found = lines.find(key);
  return found == lines.end() ? 0 : found->second;
}

bool same_redshift(double first, double second) {
  return std::abs(first - second) <= 1e-6 * std::max({1.0, std::abs(first), std::abs(second)});
}

int GevolutionSettings::snapshot_number(double redshift) const {
  const auto nearest =
      std::min_element(snapshot_redshifts.begin(), snapshot_redshifts.end(),
                       [&](double one, double other) { return std::abs(one - redshift) < std::abs(other - redshift); });
  if (nearest == snapshot_redshifts.end() || !same_redshift(*nearest, redshift)) return -1;
  return static_cast<int>(nearest - snapshot_redshifts.begin());
}

std::string why_no_growth(const GevolutionSettings& run) {
  return reason(run, true);
}

std::string why_no_linear_theory(const GevolutionSettings& run) {
  return reason(run, false);
}

GevolutionSettings read_gevolution_settings(const std::filesystem::path& file) {
  const KeyValueLines lines(file);
  GevolutionSettings settings;
  settings.file = file;
  settings.box_size = lines.positive("boxsize");
  read_grid(lines, settings);
  settings.seed = lines.number<std::uint64_t>("seed", "a whole number that is not negative");
  settings.gravity = gravity_of(lines);
  read_redshifts(lines, settings);
  read_cosmology(lines, settings);
  read_names(lines, settings);
  settings.unmodelled = unmodelled_keys(lines, settings);
  settings.unknown_keys = unknown_keys(lines, settings.unmodelled);
  settings.lines = lines.lines();
  return settings;
}

}  // namespace phiscope
