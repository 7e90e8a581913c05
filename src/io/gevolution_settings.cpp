#include "phiscope/io/gevolution_settings.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

#include "phiscope/base/error.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "text_lines.hpp"

namespace phiscope {
namespace {

/// The lines of one file, looked up by key; every complaint names file and line.
class KeyValueLines {
 public:
  explicit KeyValueLines(const std::filesystem::path& file) : file_(file) {
    int number = 0;
    const std::string text = read_text_file(file);
    for (const std::string_view line : split(text, '\n')) add(++number, trimmed(line.substr(0, line.find('#'))));
  }

  bool has(const std::string& key) const { return values_.contains(key); }

  const std::string& text(const std::string& key) const {
    const auto found = values_.find(key);
    if (found == values_.end()) fail("{}: has no '{}' among its {} settings", file_.string(), key, values_.size());
    return found->second;
  }

  template <class T>
  T number(const std::string& key, const char* expected) const {
    const auto value = parse_number<T>(text(key));
    if (!value) fail_value(key, expected);
    return *value;
  }

  /// A finite number that is larger than 0, or at least 0.
  double positive(const std::string& key, bool or_zero = false) const {
    const char* expected = or_zero ? "a number that is not negative" : "a number larger than 0";
    const auto value = number<double>(key, expected);
    if (!std::isfinite(value) || value < 0 || (value == 0 && !or_zero)) fail_value(key, expected);
    return value;
  }

  [[noreturn]] void fail_value(const std::string& key, const char* expected) const {
    fail("{}:{}: '{}' is '{}', expected {}", file_.string(), lines_.at(key), key, values_.at(key), expected);
  }

  const std::map<std::string, int>& lines() const { return lines_; }

 private:
  void add(int number, std::string_view line) {
    if (line.empty()) return;
    const std::size_t equals = line.find('=');
    const std::string key(trimmed(line.substr(0, equals)));
    if (equals == std::string_view::npos || key.empty())
      fail("{}:{}: '{}' is not of the form 'key = value'", file_.string(), number, std::string(line));
    const std::string value(trimmed(line.substr(equals + 1)));
    const auto [earlier, is_new] = values_.emplace(key, value);
    if (is_new)
      lines_[key] = number;
    else if (earlier->second != value)
      fail("{}:{}: '{}' is '{}', but line {} says '{}'", file_.string(), number, key, value, lines_[key],
           earlier->second);
  }

  std::filesystem::path file_;
  std::map<std::string, std::string> values_;
  std::map<std::string, int> lines_;
};

std::vector<double> redshifts_of(const KeyValueLines& lines) {
  const std::string key = "snapshot redshifts";
  std::vector<double> redshifts;
  for (const std::string_view part : split(lines.text(key), ',')) {
    const auto redshift = parse_number<double>(part);
    if (!redshift || !(*redshift > -1) || !std::isfinite(*redshift))
      lines.fail_value(key, "a list of redshifts, each larger than -1, with commas between");
    redshifts.push_back(*redshift);
  }
  return redshifts;
}

Gravity gravity_of(const KeyValueLines& lines) {
  const std::string key = "gravity theory";
  try {
    return parse_gravity(lines.text(key));
  } catch (const Error&) {
    if (!lines.has(key)) throw;
    lines.fail_value(key, "GR or Newton");
  }
}

/// ω of a species: given as such, or as Ω.
double physical_density(const KeyValueLines& lines, const std::string& species, double h) {
  const std::string plain = "Omega_" + species;
  return lines.has(plain) ? lines.positive(plain, true) * h * h : lines.positive("omega_" + species, true);
}

}  // namespace

int GevolutionSettings::line_of(const std::string& key) const {
  const auto found = lines.find(key);
  return found == lines.end() ? 0 : found->second;
}

bool same_redshift(double first, double second) {
  return std::abs(first - second) <= 1e-6 * std::max({1.0, std::abs(first), std::abs(second)});
}

std::string snapshot_file_name(Gravity gravity, int number) {
  return fmt::format("{}_snap{:03}_phi.h5", gravity_name(gravity), number);
}

int GevolutionSettings::snapshot_number(double redshift) const {
  const auto found = std::find_if(snapshot_redshifts.begin(), snapshot_redshifts.end(),
                                  [&](double own) { return same_redshift(own, redshift); });
  return found == snapshot_redshifts.end() ? -1 : static_cast<int>(found - snapshot_redshifts.begin());
}

GevolutionSettings read_gevolution_settings(const std::filesystem::path& file) {
  const KeyValueLines lines(file);
  const auto number_or = [&](const std::string& key, double fallback) {
    return lines.has(key) ? lines.positive(key, true) : fallback;
  };
  GevolutionSettings settings;
  settings.file = file;
  settings.box_size = lines.positive("boxsize");
  settings.grid_size = lines.number<std::int64_t>("Ngrid", "a whole number larger than 0");
  if (settings.grid_size <= 0) lines.fail_value("Ngrid", "a whole number larger than 0");
  settings.seed = lines.number<std::uint64_t>("seed", "a whole number that is not negative");
  settings.gravity = gravity_of(lines);
  settings.snapshot_redshifts = redshifts_of(lines);
  settings.h = lines.positive("h");
  settings.omega_b = physical_density(lines, "b", settings.h);
  settings.omega_cdm = physical_density(lines, "cdm", settings.h);
  settings.t_cmb = number_or("T_cmb", 0.0);
  settings.n_ur = number_or("N_ur", 3.046);
  settings.A_s = number_or("A_s", 2.215e-9);
  settings.n_s = number_or("n_s", 0.9619);
  settings.k_pivot = number_or("k_pivot", 0.05);
  settings.lines = lines.lines();
  return settings;
}

}  // namespace phiscope
