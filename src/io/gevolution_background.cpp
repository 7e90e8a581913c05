#include "phiscope/io/gevolution_background.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "number_table.hpp"
#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

constexpr std::size_t column_count = 6;

BackgroundStep step_of(const NumberTable::Row& row) {
  const auto& v = row.values;
  return {std::llround(v[0]), v[1], v[2], v[3], v[4], v[5]};
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

}  // namespace

GevolutionBackground read_gevolution_background(const std::filesystem::path& file) {
  GevolutionBackground background{file, {}};
  for (const NumberTable::Row& row : read_number_table(file, column_count, true).rows) {
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

double snapshot_redshift(const GevolutionBackground& background, double nominal) {
  double nearest = std::numeric_limits<double>::infinity();
  for (auto run = background.runs.rbegin(); run != background.runs.rend(); ++run) {
    const auto reached =
        std::find_if(run->begin(), run->end(), [&](const BackgroundStep& step) { return 1 / step.a - 1 <= nominal; });
    if (reached != run->end()) return 1 / reached->a - 1;
    nearest = std::min(nearest, 1 / run->back().a - 1);
  }
  fail("{}: the run ended at redshift {:.6g} and never reached {:.6g}", background.file.string(), nearest, nominal);
}

}  // namespace phiscope
