#include "phiscope/measurement/large_scales.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/catalogue/gevolution_settings.hpp"
#include "phiscope/catalogue/run_files.hpp"
#include "phiscope/io/cube_survey.hpp"

namespace phiscope {
namespace {

constexpr std::int64_t reach = 8;
/// Cube and table agree to 1e-5, time steps allowed for (measured on 96 pairs of runs); gr and newton differ by 3 to 7
/// % at the largest scales, two seeds by more.
constexpr double table_tolerance = 3e-3;
/// gr solves for Φ once a step lies behind it: at the start it has that of the initial conditions (0.7 to 4 % off the
/// table of the step after, by scale, in three pairs); another seed or redshift is further off in some band.
constexpr double tolerance_at_start = 0.15;
/// ln(1+z) between a cube and a table that still is a neighbour.
constexpr double nearest_table = 0.1;
/// Correlation of Φ between the cubes of a seed: at least 0.9997 in the same pairs, and 0 ± 0.1 between seeds.
constexpr double least_correlation = 0.9;
/// Between gr and newton; 1.07 at most in boxes of 5120 Mpc/h.
constexpr double largest_gravity_ratio = 3.0;
/// The growth from one redshift to the next follows linear theory to 2 % in the same pairs.
constexpr double growth_tolerance = 0.1;
/// h/Mpc: phases are kept, and growth is linear.
constexpr double phases_kept = 0.05, linear_growth = 0.01;

double wave_number(const GridShape& shape, const LargeMode& mode) {
  return shape.fundamental() * std::sqrt(static_cast<double>(mode.square()));
}

/// The growth of the power of Φ from one redshift to another. None where there is no linear theory.
std::optional<double> power_growth(const Background* background, double from, double to) {
  if (background == nullptr) return std::nullopt;
  try {
    return std::pow(background->potential_growth(to) / background->potential_growth(from), 2);
  } catch (const Error&) {  // beyond the table of growth
    return std::nullopt;
  }
}

/// Upper edges of bands in |n|, on edges of the table's rows (√3 N/2048 wide, N being the simulation's) that no mode
/// lies on. Of downgraded cubes as far up as what averaging folds down from beyond N/2 does not count.
std::vector<double> band_edges(std::int64_t n, std::int64_t downgrade_factor) {
  const double row = std::sqrt(3.0) * static_cast<double>(n * downgrade_factor) / 2048.0;
  const double limit = static_cast<double>(std::min(reach, downgrade_factor > 1 ? n / 6 : (n - 1) / 2));
  std::vector<double> edges;
  double wanted = 1.2;
  for (std::int64_t m = 1; static_cast<double>(m) * row < limit && edges.size() < 5; ++m) {
    const double edge = static_cast<double>(m) * row, square = edge * edge;
    if (edge < wanted || std::abs(square - std::round(square)) < 1e-4 * square) continue;
    edges.push_back(edge);
    wanted = std::max(wanted + 1.0, edge + 0.5);
  }
  return edges;
}

/// The sum over the modes of a band of k³|φ|²/(2π²), as gevolution has it, and how many there are.
struct Band {
  double sum = 0.0, modes = 0.0;
};

/// The factor on φ_n of averaging f³ cells to one of n³: the product over the axes of sin(πn_i/N)/(f sin(πn_i/(fN))).
double averaging(const LargeMode& mode, std::int64_t n, std::int64_t factor) {
  double product = 1.0;
  for (const std::int64_t number : {mode.n0, mode.n1, mode.n2}) {
    const double angle = std::numbers::pi * static_cast<double>(number) / static_cast<double>(n);
    const auto f = static_cast<double>(factor);
    if (number != 0) product *= std::sin(angle) / (f * std::sin(angle / f));
  }
  return product;
}

std::vector<Band> bands_of_cube(const LargeScales& scales, std::int64_t downgrade_factor,
                                const std::vector<double>& edges) {
  std::vector<Band> bands(edges.size());
  const auto modes = large_modes(scales.shape.n);
  for (std::size_t i = 0; i < modes.size(); ++i) {
    const double n = std::sqrt(static_cast<double>(modes[i].square()));
    const auto above = std::upper_bound(edges.begin(), edges.end(), n);
    if (above == edges.end()) continue;
    Band& band = bands[static_cast<std::size_t>(above - edges.begin())];
    const auto mode = scales.modes[i] / averaging(modes[i], scales.shape.n, downgrade_factor);
    band.sum += modes[i].weight * 4.0 * std::numbers::pi * n * n * n * std::norm(mode);
    band.modes += modes[i].weight;
  }
  return bands;
}

std::vector<Band> bands_of_table(const GevolutionPower& table, double fundamental, const std::vector<double>& edges) {
  std::vector<Band> bands(edges.size());
  for (std::size_t row = 0; row < table.k.size(); ++row) {
    const auto above = std::upper_bound(edges.begin(), edges.end(), table.k[row] / fundamental);
    if (above == edges.end()) continue;
    Band& band = bands[static_cast<std::size_t>(above - edges.begin())];
    band.sum += static_cast<double>(table.count[row]) * table.pk[row];
    band.modes += static_cast<double>(table.count[row]);
  }
  return bands;
}

double log_distance(double first, double second) {
  return std::abs(std::log((1.0 + first) / (1.0 + second)));
}

/// Cross and auto powers of two cubes over the modes up to a wave number.
struct Products {
  double a = 0.0, b = 0.0, ab = 0.0;
  double correlation() const { return ab / std::sqrt(a * b); }
};

Products products(const LargeScales& a, const LargeScales& b, double k_max) {
  Products result;
  const auto modes = large_modes(a.shape.n);
  for (std::size_t i = 0; i < modes.size(); ++i) {
    if (wave_number(a.shape, modes[i]) > k_max) continue;
    result.a += modes[i].weight * std::norm(a.modes[i]);
    result.b += modes[i].weight * std::norm(b.modes[i]);
    result.ab += modes[i].weight * (a.modes[i] * std::conj(b.modes[i])).real();
  }
  return result;
}

/// How far up the modes of two cubes are compared: a few k_F, where Φ keeps its phases. None in a box too small.
std::optional<double> compared_up_to(const GridShape& shape, double limit) {
  if (shape.fundamental() > limit) return std::nullopt;
  return std::min(limit, 4.5 * shape.fundamental());
}

/// The cube that correlates least with all others first.
void require_phases(std::span<const KnownScales> cubes) {
  const auto k_max = compared_up_to(cubes.front().scales.shape, phases_kept);
  if (!k_max || cubes.size() < 2) return;
  const auto correlation = [&](std::size_t i, std::size_t j) {
    const double r = products(cubes[i].scales, cubes[j].scales, *k_max).correlation();
    return std::isfinite(r) ? r : -1.0;
  };
  std::vector<double> sum(cubes.size(), 0.0);
  double least = 1.0;
  for (std::size_t i = 0; i < cubes.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const double r = correlation(i, j);
      least = std::min(least, r);
      sum[i] += r;
      sum[j] += r;
    }
  if (least >= least_correlation) return;
  const auto odd = static_cast<std::size_t>(std::min_element(sum.begin(), sum.end()) - sum.begin());
  std::size_t other = odd == 0 ? 1 : 0;
  for (std::size_t i = 0; i < cubes.size(); ++i)
    if (i != odd && correlation(i, odd) < correlation(other, odd)) other = i;
  fail(
      "{}: its largest scales, k ≤ {:.3g} h/Mpc, correlate by {:.4f} with those of {}, expected at least {} of cubes "
      "of "
      "one seed; is one of the two the cube of another seed?",
      cubes[odd].cube.file.string(), *k_max, correlation(odd, other), cubes[other].cube.file.string(),
      least_correlation);
}

void require_ratio(const KnownScales& first, const KnownScales& second, double k_max, double expected, double tolerance,
                   const char* what) {
  const auto power = products(first.scales, second.scales, k_max);
  const double ratio = power.b / power.a;
  if (ratio >= expected / tolerance && ratio <= expected * tolerance) return;
  fail(
      "{}: its power up to k = {:.3g} h/Mpc is {:.4g} times that of {}, expected {:.4g} (within {:.4g} to {:.4g}) {}; "
      "is "
      "one of the two the cube of another run or redshift, or damaged?",
      second.cube.file.string(), k_max, ratio, first.cube.file.string(), expected, expected / tolerance,
      expected * tolerance, what);
}

void require_one_seed(std::span<const KnownScales> cubes, const Background* background) {
  if (cubes.empty()) return;
  require_phases(cubes);
  const GridShape& shape = cubes.front().scales.shape;
  const auto all = compared_up_to(shape, phases_kept), linear = compared_up_to(shape, linear_growth);
  for (std::size_t i = 0; i < cubes.size(); ++i)
    for (std::size_t j = i + 1; j < cubes.size(); ++j) {
      const CatalogueEntry &a = cubes[i].cube, &b = cubes[j].cube;
      if (all && same_redshift(a.redshift, b.redshift))
        require_ratio(cubes[i], cubes[j], *all, 1.0, largest_gravity_ratio, "between two gravities");
      if (!linear || a.gravity != b.gravity) continue;
      if (const auto growth = power_growth(background, a.real_redshift, b.real_redshift))
        require_ratio(cubes[i], cubes[j], std::min(*linear, 2.5 * shape.fundamental()), *growth, 1.0 + growth_tolerance,
                      fmt::format("from redshift {:.4g} to {:.4g}", a.real_redshift, b.real_redshift).c_str());
    }
}

}  // namespace

std::vector<LargeMode> large_modes(std::int64_t n) {
  const std::int64_t limit = std::min(reach, (n - 1) / 2);
  std::vector<LargeMode> modes;
  for (std::int64_t n0 = -limit; n0 <= limit; ++n0)
    for (std::int64_t n1 = -limit; n1 <= limit; ++n1)
      for (std::int64_t n2 = 0; n2 <= limit; ++n2) {
        const LargeMode mode{n0, n1, n2, n2 == 0 ? 1 : 2};
        if (mode.square() > 0 && mode.square() <= limit * limit) modes.push_back(mode);
      }
  return modes;
}

template <class Real>
LargeScales LargeScales::of(const SpectralField<Real>& field) {
  LargeScales scales{field.shape(), {}};
  const double cells = static_cast<double>(field.shape().cells());
  std::vector<double> parts;
  for (const LargeMode& mode : large_modes(field.shape().n)) {
    const auto* value = field.find(mode.n0, mode.n1, mode.n2);
    parts.push_back(value != nullptr ? static_cast<double>(value->real()) / cells : 0.0);
    parts.push_back(value != nullptr ? static_cast<double>(value->imag()) / cells : 0.0);
  }
  // Each mode is on one rank.
  if (field.layout().team().size() > 1) field.layout().team().sum_in_place(std::span<double>(parts));
  for (std::size_t i = 0; i < parts.size(); i += 2) scales.modes.emplace_back(parts[i], parts[i + 1]);
  return scales;
}

template LargeScales LargeScales::of(const SpectralField<float>&);
template LargeScales LargeScales::of(const SpectralField<double>&);

std::optional<double> require_power_of_table(const LargeScales& scales, const CatalogueEntry& cube,
                                             std::span<const GevolutionPower> tables, const Background* background) {
  const auto nearest = std::min_element(tables.begin(), tables.end(), [&](const auto& a, const auto& b) {
    return log_distance(a.redshift, cube.real_redshift) < log_distance(b.redshift, cube.real_redshift);
  });
  if (nearest == tables.end()) return std::nullopt;
  const double distance = log_distance(nearest->redshift, cube.real_redshift);
  if (!(distance <= nearest_table)) return std::nullopt;
  const auto growth = power_growth(background, nearest->redshift, cube.real_redshift);
  // Linear growth is worth as much again where forces and steps are coarse.
  const double tolerance =
      (cube.is_at_start ? tolerance_at_start : table_tolerance) + (growth ? std::abs(*growth - 1.0) : 3.0 * distance);
  const auto edges = band_edges(scales.shape.n, cube.downgrade_factor);
  const double fundamental = scales.shape.fundamental();
  const auto found = bands_of_cube(scales, cube.downgrade_factor, edges),
             expected = bands_of_table(*nearest, fundamental, edges);
  std::optional<double> largest;
  for (std::size_t band = 0; band < edges.size(); ++band) {
    if (found[band].modes != expected[band].modes || !(expected[band].sum > 0.0)) continue;
    const double should = growth.value_or(1.0) * expected[band].sum / expected[band].modes;
    const double is = found[band].sum / found[band].modes;
    const double deviation = std::abs(is / should - 1.0);
    if (!(deviation <= tolerance))
      fail(
          "{}: k³P/2π² of its modes with k < {:.3g} h/Mpc is {:.5g}, but {:.5g} after the table {} (redshift {:.4g}), "
          "expected to agree within {:.1f} %; is it the cube of this run and redshift, and whole?",
          cube.file.string(), edges[band] * fundamental, is, should, nearest->file.string(), nearest->redshift,
          100.0 * tolerance);
    largest = std::max(largest.value_or(0.0), deviation);
  }
  return largest;
}

std::optional<double> require_powers_of_tables(std::span<const KnownScales> cubes, RunTables& tables,
                                               const Background* background) {
  std::optional<double> largest;
  for (const auto& [cube, scales] : cubes) {
    if (!holds_potential(cube.file)) continue;
    const auto deviation = require_power_of_table(scales, cube, tables.beside(cube), background);
    if (deviation) largest = std::max(largest.value_or(0.0), *deviation);
  }
  return largest;
}

std::string doubt_about_seed(std::span<const KnownScales> cubes, const Background* background) {
  if (cubes.empty() || !holds_potential(cubes.front().cube.file)) return "";
  try {
    require_one_seed(cubes, background);
  } catch (const Error& problem) {
    return problem.what();
  }
  return "";
}

std::vector<Catalogue::Problem> problems_of_doubts(std::span<const std::uint64_t> seeds,
                                                   std::span<const std::string> doubts) {
  std::vector<Catalogue::Problem> problems;
  for (std::size_t i = 0; i < seeds.size(); ++i)
    if (!doubts[i].empty()) problems.push_back({seeds[i], doubts[i]});
  if (problems.empty() || (seeds.size() >= 3 && 2 * problems.size() < seeds.size())) return problems;
  log::warning("{} ({} of {} seeds are in doubt like this, so nothing is refused)", problems.front().message,
               problems.size(), seeds.size());
  return {};
}

}  // namespace phiscope
