#include "phiscope/measurement/gevolution_spectra.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/base/memory.hpp"
#include "phiscope/catalogue/gevolution_settings.hpp"
#include "phiscope/catalogue/run_files.hpp"

namespace phiscope {

const std::vector<GevolutionPower>& RunTables::beside(const CatalogueEntry& cube) {
  const auto folder = cube.file.parent_path();
  if (const auto known = tables_.find(folder); known != tables_.end()) return known->second;
  // The runs of a seed or two are in use at a time.
  constexpr std::size_t most_runs = 8;
  if (tables_.size() >= most_runs) tables_.clear();
  auto& tables = tables_[folder];
  for (const auto& file : power_tables(folder, cube.gravity, field_)) {
    try {
      tables.push_back(read_gevolution_power(file));
    } catch (const OutOfMemory&) {
      throw;
    } catch (const Error& problem) {
      warnings_.push_back(fmt::format("{}; it is left out, and no cube is compared with it", problem.what()));
    }
  }
  return tables;
}

const GevolutionPower* RunTables::of(const CatalogueEntry& cube) {
  if (field_ != "phi" && field_ != "chi" && field_ != "psiN") return nullptr;
  const auto& tables = beside(cube);
  const auto found = std::find_if(tables.begin(), tables.end(), [&](const GevolutionPower& table) {
    return same_redshift(table.redshift, cube.redshift);
  });
  return found == tables.end() ? nullptr : &*found;
}

std::vector<double> rebinned_power(const GevolutionPower& table, std::span<const double> edges) {
  constexpr double tolerance = 1e-6;
  std::vector<double> sum(edges.size() - 1, 0.0), modes(edges.size() - 1, 0.0);
  for (std::size_t row = 0; row < table.k.size(); ++row) {
    const double k = table.k[row];
    const auto above = std::upper_bound(edges.begin(), edges.end(), k * (1.0 + tolerance));
    if (above == edges.begin() || above == edges.end()) continue;
    const auto bin = static_cast<std::size_t>(above - edges.begin()) - 1;
    const auto count = static_cast<double>(table.count[row]);
    sum[bin] += count * 2.0 * std::numbers::pi * std::numbers::pi * table.pk[row] / (k * k * k);
    modes[bin] += count;
  }
  for (std::size_t bin = 0; bin < sum.size(); ++bin)
    sum[bin] = modes[bin] > 0.0 ? sum[bin] / modes[bin] : std::numeric_limits<double>::quiet_NaN();
  return sum;
}

}  // namespace phiscope
