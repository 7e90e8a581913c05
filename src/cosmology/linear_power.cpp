#include "phiscope/cosmology/linear_power.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "hubble_length.hpp"
#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

void require_primordial(const CosmologyParameters& parameters) {
  if (!std::isfinite(parameters.A_s) || parameters.A_s <= 0.0)
    fail("linear power spectrum: A_s is {}, expected a number > 0", parameters.A_s);
  if (!std::isfinite(parameters.k_pivot) || parameters.k_pivot <= 0.0)
    fail("linear power spectrum: k_pivot is {} 1/Mpc, expected a number > 0", parameters.k_pivot);
  if (!std::isfinite(parameters.n_s)) fail("linear power spectrum: n_s is {}, expected a number", parameters.n_s);
}

/// The Fourier transform of a sphere of radius 1, over its volume.
double sphere(double x) {
  return 3.0 * (std::sin(x) - x * std::cos(x)) / (x * x * x);
}

}  // namespace

LinearPower::LinearPower(Background background, std::shared_ptr<const TransferFunction> transfer)
    : background_(std::move(background)), transfer_(std::move(transfer)) {
  require_primordial(background_.parameters());
  if (!transfer_) fail("linear power spectrum: there is no transfer function");
}

LinearPower LinearPower::eisenstein_hu(const CosmologyParameters& parameters) {
  return {Background(parameters), phiscope::eisenstein_hu(parameters)};
}

LinearPower LinearPower::from_class(const CosmologyParameters& parameters, const ClassTransfer& table) {
  Background background(parameters);
  auto transfer = tabulated_transfer(table, background);
  return {std::move(background), std::move(transfer)};
}

double LinearPower::density(double k, double z) const {
  const double transfer = transfer_->at(k);
  const CosmologyParameters& universe = background_.parameters();
  const double curvature = 2.0 * std::numbers::pi * std::numbers::pi / (k * k * k) * universe.A_s *
                           std::pow(k * universe.h / universe.k_pivot, universe.n_s - 1.0);
  const double in_hubble_lengths = k * hubble_length;
  const double density_per_curvature = 0.4 * in_hubble_lengths * in_hubble_lengths / universe.omega_matter() *
                                       transfer * background_.growth_from_early_times(z);
  return curvature * density_per_curvature * density_per_curvature;
}

double LinearPower::potential_per_density(double k, double z) const {
  if (!std::isfinite(k) || k <= 0.0) fail("the potential was asked for k = {} h/Mpc, expected a number > 0", k);
  const double in_hubble_lengths = k * hubble_length;
  return -1.5 * background_.parameters().omega_matter() * (1.0 + z) / (in_hubble_lengths * in_hubble_lengths);
}

double LinearPower::potential(double k, double z) const {
  const double ratio = potential_per_density(k, z);
  return ratio * ratio * density(k, z);
}

/// Simpson's rule in ln k.
double LinearPower::sigma8(double z) const {
  constexpr double radius = 8.0;
  constexpr double first_k = 1e-3;
  constexpr double last_k = 10.0;
  constexpr int intervals = 2000;
  const double step = std::log(last_k / first_k) / intervals;
  double sum = 0.0;
  for (int i = 0; i <= intervals; ++i) {
    const double k = std::min(first_k * std::exp(i * step), last_k);
    const double window = sphere(k * radius);
    const double variance = k * k * k * density(k, z) / (2.0 * std::numbers::pi * std::numbers::pi) * window * window;
    sum += variance * (i == 0 || i == intervals ? 1.0 : i % 2 != 0 ? 4.0 : 2.0);
  }
  return std::sqrt(sum * step / 3.0);
}

}  // namespace phiscope
