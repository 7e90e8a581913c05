#include "phiscope/study/gevolution_spectra.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>

#include "phiscope/io/gevolution_settings.hpp"
#include "phiscope/io/run_files.hpp"

namespace phiscope {

std::optional<GevolutionPower> find_gevolution_power(const std::filesystem::path& folder, Gravity gravity,
                                                     double redshift, const std::string& field) {
  // Tables of other fields are in other units than their cubes.
  if (field != "phi" && field != "chi" && field != "psiN") return std::nullopt;
  for (const auto& file : power_tables(folder, gravity, field))
    if (auto table = read_gevolution_power(file); same_redshift(table.redshift, redshift)) return table;
  return std::nullopt;
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
