#include "phiscope/catalogue/gevolution_background.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "phiscope/base/error.hpp"
#include "phiscope/io/number_table.hpp"
#include "phiscope/io/text_lines.hpp"

namespace phiscope {
namespace {

constexpr std::array<std::string_view, 3> first_columns{"cycle", "tau/boxsize", "a"};
constexpr std::size_t fewest_columns = 4;

/// "2:a" → "a": k-evolution numbers its columns.
std::string_view without_number(std::string_view word) {
  const std::size_t colon = word.find(':');
  const bool is_numbered = colon != std::string_view::npos && parse_number<int>(word.substr(0, colon)).has_value();
  return is_numbered ? word.substr(colon + 1) : word;
}

/// A header is a comment that begins with the first column's name.
void require_columns(const NumberTable& table, const std::filesystem::path& file) {
  for (const std::string& comment : table.comments) {
    const auto names = words(comment);
    if (names.empty() || without_number(names.front()) != first_columns.front()) continue;
    for (std::size_t i = 0; i < first_columns.size(); ++i)
      if (i >= names.size() || without_number(names[i]) != first_columns[i])
        fail("{}: its header names the columns '{}', expected cycle, tau/boxsize, a to be the first", file.string(),
             comment);
  }
}

BackgroundStep step_of(const NumberTable::Row& row) {
  const auto& v = row.values;
  return {std::llround(v[0]), v[1], v[2], v[3]};
}

/// Appends a step to the run that it belongs to.
void add_step(std::vector<std::vector<BackgroundStep>>& runs, const BackgroundStep& step) {
  if (runs.empty() || step.cycle <= runs.back().front().cycle) {
    runs.push_back({step});
    return;
  }
  auto& run = runs.back();
  while (run.back().cycle >= step.cycle) run.pop_back();
  run.push_back(step);
}

/// gevolution asks for 1/a < 1 + nominal. Only where a run begins at the nominal redshift itself do the digits of the
/// table not tell: there it is the rounding of gevolution's own numbers that decides.
bool is_reached(const BackgroundStep& step, double nominal, bool is_first) {
  constexpr double digits = 1e-6;
  const double then = 1.0 + nominal;
  if (is_first && std::abs(step.a * then - 1.0) < digits) return 1.0 / (1.0 / then) < then;
  return 1.0 / step.a - 1.0 <= nominal;
}

/// The step at which the last of the snapshots was written, if the run came so far.
std::optional<double> redshift_in(const std::vector<BackgroundStep>& run, std::span<const double> nominal) {
  auto step = run.begin();
  double redshift = 0.0;
  for (const double wanted : nominal) {
    step = std::find_if(step, run.end(), [&](const BackgroundStep& candidate) {
      return is_reached(candidate, wanted, &candidate == &run.front());
    });
    if (step == run.end()) return std::nullopt;
    redshift = 1.0 / step->a - 1.0;
    ++step;
  }
  return redshift;
}

}  // namespace

GevolutionBackground read_gevolution_background(const std::filesystem::path& file) {
  GevolutionBackground background{file, {}};
  const NumberTable table = read_number_table(file, {.fewest = fewest_columns}, true);
  require_columns(table, file);
  for (const NumberTable::Row& row : table.rows) {
    const BackgroundStep step = step_of(row);
    add_step(background.runs, step);
    const auto& run = background.runs.back();
    const double before = run.size() > 1 ? run[run.size() - 2].a : 0.0;
    if (!(step.a > before))
      fail("{}:{}: the scale factor is {} after {}, expected it to grow", file.string(), row.line, step.a, before);
  }
  if (background.runs.empty()) fail("{}: holds no time step", file.string());
  return background;
}

double snapshot_redshift(const GevolutionBackground& background, std::span<const double> nominal) {
  double nearest = std::numeric_limits<double>::infinity();
  for (std::size_t i = background.runs.size(); i-- > 0;) {
    const auto& run = background.runs[i];
    if (const auto redshift = redshift_in(run, nominal)) return *redshift;
    nearest = std::min(nearest, 1 / run.back().a - 1);
  }
  fail("{}: the run ended at redshift {:.6g} and never reached {:.6g}", background.file.string(), nearest,
       nominal.back());
}

double snapshot_redshift(const GevolutionBackground& background, double nominal) {
  return snapshot_redshift(background, std::span<const double>(&nominal, 1));
}

}  // namespace phiscope
