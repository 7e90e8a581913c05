#include "statistics_file.hpp"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/measurement/ensemble_datasets.hpp"
#include "phiscope/measurement/large_scales.hpp"
#include "phiscope/statistics/initial_power_limit.hpp"
#include "phiscope/statistics/likelihood_ratio.hpp"
#include "phiscope/statistics/slice_power.hpp"
#include "theory_datasets.hpp"

namespace phiscope {
namespace {

const char* const power_unit = "(Mpc/h)^3";
const char* const bispectrum_unit = "(Mpc/h)^6";

/// The units of all seeds, in the order of the catalogue.
struct AllUnits {
  AllUnits(std::size_t gravities, std::size_t redshifts)
      : p(gravities, redshifts),
        p2(gravities, redshifts),
        p4(gravities, redshifts),
        gevolution(gravities, redshifts),
        slices(gravities, redshifts),
        b(gravities, redshifts),
        q(gravities, redshifts),
        of_shells(gravities, redshifts) {}

  MeasuredUnit last;  ///< for what is the same in all
  SeedTable p, p2, p4, gevolution, slices, b, q, of_shells;
  std::vector<MarkedCube> cubes;
  std::vector<std::string> doubts;  ///< of each seed
};

/// Throws Error unless a unit holds as much of everything as the first one: or the seeds would shift against each
/// other.
void require_alike(const std::filesystem::path& file, const MeasuredUnit& unit, const MeasuredUnit& first) {
  const auto check = [&](const char* name, std::size_t found, std::size_t expected) {
    if (found != expected)
      fail(
          "{}: dataset '{}' holds {} values, that of the first seed {}; remove the file and run the same command, "
          "which "
          "measures it again",
          file.string(), name, found, expected);
  };
  check("power/k", unit.k.size(), first.k.size());
  check("power/edges", unit.edges.size(), first.edges.size());
  check("power/modes", unit.modes.size(), first.modes.size());
  check("power/p", unit.p.size(), first.p.size());
  check("power/p2", unit.p2.size(), first.p2.size());
  check("power/p4", unit.p4.size(), first.p4.size());
  check("power/gevolution", unit.gevolution.size(), first.gevolution.size());
  check("slice/p", unit.slices.size(), first.slices.size());
  check("bispectrum/b", unit.b.size(), first.b.size());
  check("bispectrum/q", unit.q.size(), first.q.size());
  check("bispectrum/p", unit.of_shells.size(), first.of_shells.size());
}

AllUnits read_units(const Study& study) {
  const auto& catalogue = study.catalogue();
  AllUnits all(catalogue.gravities().size(), catalogue.redshifts().size());
  std::optional<MeasuredUnit> first;
  for (const auto seed : catalogue.seeds()) {
    all.last = read_unit(open_unit(study, seed));
    if (!first) first = all.last;
    require_alike(unit_file(study, seed), all.last, *first);
    const auto add = [](SeedTable& table, const std::vector<double>& values) {
      if (!values.empty()) table.add_seed(values);
    };
    add(all.p, all.last.p);
    add(all.p2, all.last.p2);
    add(all.p4, all.last.p4);
    add(all.gevolution, all.last.gevolution);
    add(all.slices, all.last.slices);
    add(all.b, all.last.b);
    add(all.q, all.last.q);
    add(all.of_shells, all.last.of_shells);
    for (const auto& mark : all.last.cubes) all.cubes.push_back({catalogue.entries().at(all.cubes.size()), mark});
    all.doubts.push_back(all.last.doubt);
  }
  return all;
}

void write_catalogue(Hdf5Writer& file, const Study& study) {
  const auto& catalogue = study.catalogue();
  file.write("catalogue/seed", catalogue.seeds(), {catalogue.seeds().size()}, "", "seeds, in the order of all results");
  file.write("catalogue/redshift", catalogue.redshifts(), {catalogue.redshifts().size()}, "", "nominal redshifts");
  std::vector<std::string> gravities;
  for (const Gravity gravity : catalogue.gravities()) gravities.push_back(gravity_name(gravity));
  file.write_strings("catalogue/gravity", gravities, "gravities, in the order of all results");
  std::vector<double> real;
  for (const auto& entry : catalogue.entries()) real.push_back(entry.real_redshift);
  file.write("catalogue/real_redshift", real,
             {catalogue.seeds().size(), catalogue.gravities().size(), catalogue.redshifts().size()}, "",
             "redshift of the time step that the snapshot was written at");
  SeedList dropped;
  std::vector<std::string> reasons;
  for (const auto& problem : study.dropped()) {
    dropped.push_back(problem.seed);
    reasons.push_back(problem.message);
  }
  if (dropped.empty()) return;
  file.write("catalogue/dropped_seed", dropped, {dropped.size()}, "", "seeds left out because of a bad cube");
  file.write_strings("catalogue/dropped_reason", reasons, "what was wrong with them");
}

/// Bounds from the ratio of means over all seeds: bins of few modes make the mean of ratios large by chance alone.
void write_bounds(Hdf5Writer& file, const Study& study, const AllUnits& all) {
  if (all.p.gravities() < 2) return;
  const GridShape shape = grid_shape(study);
  const auto ratio = [](const SeedTable& table, std::size_t redshift) -> Eigen::VectorXd {
    return summarise(table.rows(0, redshift)).mean.cwiseQuotient(summarise(table.rows(1, redshift)).mean);
  };
  const double limit = initial_power_limit(shape) * (1.0 + 1e-9);
  std::size_t bins = 0;
  while (bins < all.last.modes.size() && all.last.edges[2 * bins + 1] <= limit) ++bins;
  const std::vector<double> modes(all.last.modes.begin(), all.last.modes.begin() + static_cast<std::ptrdiff_t>(bins));
  std::vector<double> of_cube, of_slice;
  for (std::size_t redshift = 0; redshift < all.p.redshifts(); ++redshift) {
    const Eigen::VectorXd cube = ratio(all.p, redshift), slice = ratio(all.slices, redshift);
    of_cube.push_back(gaussian_field_accuracy(modes, {cube.data(), bins}));
    of_slice.push_back(
        gaussian_field_accuracy(slice_modes(shape.n), {slice.data(), static_cast<std::size_t>(slice.size())}));
  }
  const auto description = [](const char* what) {
    return fmt::format(
        "accuracy up to which two-point information can tell gr from newton, of one {}: of the likelihood ratio of "
        "independent modes whose power has the ratio of the spectra's means over all seeds. Assumes Gaussian fields, "
        "spectra that are known, isotropic in each shell or ring, equally likely classes and no mean; counts modes up "
        "to (N/2 − 1) k_F. Noise of the ratio raises it",
        what);
  };
  file.write("power/bound_cube", of_cube, {of_cube.size()}, "", description("cube of Φ"));
  file.write("power/bound_slice", of_slice, {of_slice.size()}, "",
             description("slice of Φ, all three directions together"));
}

void write_power(Hdf5Writer& file, const Study& study, const AllUnits& all) {
  const auto& last = all.last;
  file.write("power/k", last.k, {last.k.size()}, "h/Mpc", "mean |k| of the modes of the bin");
  file.write("power/edges", last.edges, {last.k.size(), 2}, "h/Mpc", "lower and upper edge of the bin");
  file.write("power/modes", last.modes, {last.modes.size()}, "", "independent modes of the bin");
  all.p.write(file, "power/p", power_unit, "P(k) of the cube by seed, gravity, redshift and bin");
  const std::string along = fmt::format(" along data axis {}", study.settings().measure.power.multipoles.value_or(0));
  if (!all.p2.empty()) all.p2.write(file, "power/p2", power_unit, "quadrupole" + along);
  if (!all.p4.empty()) all.p4.write(file, "power/p4", power_unit, "hexadecapole" + along);
  all.gevolution.write(file, "power/gevolution", power_unit,
                       "P(k) of gevolution's own tables, interpolated by it to the nominal redshift, in the same bins; "
                       "NaN where there is no table");
  const Quantity quantity{
      .group = "power", .prefix = "", .symbol = "P", .unit = power_unit, .squared_unit = "(Mpc/h)^6"};
  write_ensembles(file, all.p, quantity);
  write_pairs(file, all.p, quantity);
  write_bounds(file, study, all);
}

/// Where the triangles of each shape begin.
std::vector<std::size_t> first_of_each_shape(const MeasuredTriangles& triangles) {
  const auto label = [&](std::size_t i) { return triangles.set.triangles()[triangles.closed[i]].label; };
  std::vector<std::size_t> first{0};
  for (std::size_t i = 1; i < triangles.closed.size(); ++i)
    if (label(i) != label(i - 1)) first.push_back(i);
  return first;
}

void write_triangles(Hdf5Writer& file, const MeasuredTriangles& triangles) {
  const auto& [set, counts, closed] = triangles;
  const bool nominal = set.convention() == TriangleConvention::pylians;
  const std::uint64_t count = closed.size();
  std::vector<double> asked;
  std::vector<std::string> shapes;
  std::vector<std::int64_t> triples;
  for (const std::size_t i : closed) {
    const auto& triangle = set.triangles()[i];
    triples.push_back(counts.triangles[i]);
    asked.insert(asked.end(), triangle.sides.begin(), triangle.sides.end());
    shapes.push_back(set.labels()[triangle.label]);
  }
  for (std::size_t side = 0; side < 3; ++side) {
    std::vector<double> k;
    for (const std::size_t i : closed) k.push_back(nominal ? set.triangles()[i].sides[side] : counts.k[i][side]);
    file.write(fmt::format("bispectrum/k{}", side + 1), k, {k.size()}, "h/Mpc",
               nominal ? "side as asked for" : "effective side: mean |k| of its modes over the closed triples");
  }
  file.write("bispectrum/asked_sides", asked, {count, 3}, "h/Mpc", "sides as asked for, or centres of bins");
  file.write("bispectrum/triangles", triples, {count}, "",
             "ordered triples of modes that close, one in each shell; triangles without any are left out");
  file.write_strings("bispectrum/shape", shapes, "family that the triangle belongs to");
}

void write_shell_powers(Hdf5Writer& file, const SeedTable& of_shells) {
  std::vector<double> mean;
  for (std::size_t gravity = 0; gravity < of_shells.gravities(); ++gravity)
    for (std::size_t redshift = 0; redshift < of_shells.redshifts(); ++redshift) {
      const Eigen::VectorXd powers = summarise(of_shells.rows(gravity, redshift)).mean;
      mean.insert(mean.end(), powers.data(), powers.data() + powers.size());
    }
  file.write("bispectrum/p", mean, {of_shells.gravities(), of_shells.redshifts(), of_shells.bands() / 3, 3}, power_unit,
             "mean over the seeds of P of the three shells");
}

void write_bispectrum(Hdf5Writer& file, const AllUnits& all, const MeasuredTriangles& triangles) {
  write_triangles(file, triangles);
  all.b.write(file, "bispectrum/b", bispectrum_unit, "B by seed, gravity, redshift and triangle");
  all.q.write(file, "bispectrum/q", "", "Q = B/(P1 P2 + P1 P3 + P2 P3) with P of the three shells of the same cube");
  write_shell_powers(file, all.of_shells);
  const auto groups = first_of_each_shape(triangles);
  const Quantity b{.group = "bispectrum",
                   .prefix = "",
                   .symbol = "B",
                   .unit = bispectrum_unit,
                   .squared_unit = "(Mpc/h)^12",
                   .groups = groups};
  write_ensembles(file, all.b, b);
  write_pairs(file, all.b, b);
  const Quantity q{
      .group = "bispectrum", .prefix = "q_", .symbol = "Q", .unit = "", .squared_unit = "", .groups = groups};
  write_ensembles(file, all.q, q);
  write_pairs(file, all.q, q);
}

}  // namespace

std::string statistics_fingerprint(const Study& study) {
  const auto& transfer = study.settings().cosmology.transfer;
  // Up to version 0.1.0 linear theory took every pivot for this one.
  constexpr double former_pivot = 0.05;
  return unit_fingerprint(study) +
         (study.catalogue().settings().k_pivot == former_pivot ? "" : "linear theory: with k_pivot\n") +
         fmt::format("cosmology.transfer: {}\n", transfer.empty() ? "" : content_mark(transfer));
}

void write_statistics(const Study& study, const std::optional<MeasuredTriangles>& triangles) {
  const AllUnits all = read_units(study);
  if (const auto problems = problems_between(all.cubes); !problems.empty()) throw Error(problems.front().message);
  if (const auto problems = problems_of_doubts(study.catalogue().seeds(), all.doubts); !problems.empty())
    throw Error(problems.front().message);
  const auto linear = linear_theory(study);
  Hdf5Writer file(study.directory().file("statistics.h5"));
  write_catalogue(file, study);
  write_power(file, study, all);
  if (linear.power) write_linear_power(file, study, *linear.power, all.last.k);
  if (triangles) write_bispectrum(file, all, *triangles);
  if (triangles && linear.power) write_tree_level(file, study, *linear.power, *triangles);
  if (!linear.power) file.attribute("/", "no_linear_theory", linear.why_not);
  if (const auto& field = study.settings().simulations.field; field != "phi") file.attribute("/", "field", field);
  file.attribute("/", "box_size", study.catalogue().box_size());
  file.attribute("/", "grid_size", study.catalogue().grid_size());
  file.attribute("/", "settings", statistics_fingerprint(study));
  file.commit();
}

}  // namespace phiscope
