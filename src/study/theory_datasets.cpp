#include "theory_datasets.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/cosmology/tree_level_bispectrum.hpp"
#include "phiscope/io/class_transfer.hpp"
#include "phiscope/study/known_theory.hpp"

namespace phiscope {
namespace {

/// Per redshift, the mean over the runs of the redshift that the snapshots were really taken at.
std::vector<double> real_redshifts(const Catalogue& catalogue) {
  const std::size_t count = catalogue.redshifts().size();
  std::vector<double> mean(count, 0.0);
  for (std::size_t i = 0; i < catalogue.entries().size(); ++i) mean[i % count] += catalogue.entries()[i].real_redshift;
  for (double& redshift : mean)
    redshift *= static_cast<double>(count) / static_cast<double>(catalogue.entries().size());
  return mean;
}

std::string source_of_theory(const Study& study) {
  const auto& transfer = study.settings().cosmology.transfer;
  return transfer.empty() ? "transfer function of Eisenstein & Hu (1998)" : "transfer function of cosmology.transfer";
}

}  // namespace

LinearTheory linear_theory(const Study& study) {
  if (const std::string reason = why_no_linear_theory(study); !reason.empty()) return {std::nullopt, reason};
  const auto& transfer = study.settings().cosmology.transfer;
  const auto& parameters = study.background().parameters();
  if (!transfer.empty()) return {LinearPower::from_class(parameters, read_class_transfer(transfer)), {}};
  try {
    return {LinearPower::eisenstein_hu(parameters), {}};
  } catch (const Error& problem) {
    return {std::nullopt, problem.what()};
  }
}

void check_theory(const Study& study, const std::optional<TriangleSet>& triangles) {
  const auto linear = linear_theory(study);
  if (!linear.power) {
    log::warning("no linear theory beside the spectra: {}", linear.why_not);
    return;
  }
  const GridShape shape = grid_shape(study);
  const auto options = power_options(study.settings().measure.power, shape);
  const double corner = shape.fundamental() * std::sqrt(static_cast<double>(shape.largest_squared_mode()));
  double largest = std::min(corner, options.k_max.value_or(corner));
  if (!options.bins.edges.empty()) largest = std::min(largest, options.bins.edges.back());
  if (triangles)
    for (const auto& triangle : triangles->triangles())
      largest = std::max(largest, *std::max_element(triangle.sides.begin(), triangle.sides.end()));
  for (const double k : {shape.fundamental(), largest}) (void)linear.power->density(k, 0.0);
}

void write_linear_power(Hdf5Writer& file, const Study& study, const LinearPower& linear, std::span<const double> k) {
  std::vector<double> power;
  const auto redshifts = real_redshifts(study.catalogue());
  for (const double redshift : redshifts)
    for (const double wave_number : k) power.push_back(linear.potential(wave_number, redshift));
  file.write("power/linear", power, {redshifts.size(), k.size()}, "(Mpc/h)^3",
             "P of Φ in linear theory at the mean |k| of the bin and the real redshift of the snapshots; " +
                 source_of_theory(study));
}

void write_tree_level(Hdf5Writer& file, const Study& study, const LinearPower& linear,
                      const MeasuredTriangles& triangles) {
  std::vector<double> b, q;
  std::vector<std::array<double, 3>> sides;
  for (const std::size_t triangle : triangles.closed) sides.push_back(triangles.counts.k[triangle]);
  const auto redshifts = real_redshifts(study.catalogue());
  for (const double redshift : redshifts) {
    const auto tree = tree_level_potential(linear, sides, redshift);
    b.insert(b.end(), tree.b.begin(), tree.b.end());
    q.insert(q.end(), tree.q.begin(), tree.q.end());
  }
  file.write("bispectrum/tree_level", b, {redshifts.size(), sides.size()}, "(Mpc/h)^6",
             "B of Φ at tree level, from gravity alone with Gaussian initial conditions, on the effective sides and at "
             "the real redshift of the snapshots; " +
                 source_of_theory(study));
  file.write("bispectrum/tree_level_q", q, {redshifts.size(), sides.size()}, "",
             "reduced bispectrum of Φ at tree level");
}

}  // namespace phiscope
