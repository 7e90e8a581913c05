#include "phiscope/cosmology/cosmology.hpp"

#include <array>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string_view>
#include <utility>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

// CODATA 2018 and IAU 2012/2015 (SI units).
constexpr double boltzmann = 1.380649e-23;
constexpr double planck_reduced = 1.054571817e-34;
constexpr double speed_of_light = 299792458.0;
constexpr double newton_constant = 6.67430e-11;
constexpr double megaparsec = 3.0856775814913673e22;

// The growth table, even in ln a. With this step the Runge-Kutta error stays
// below 1e-9.
constexpr double first_ln_a = -20.0;
constexpr double last_ln_a = 2.5;
constexpr int steps = 2250;
constexpr double step = (last_ln_a - first_ln_a) / steps;

/// ω_γ = (π²/15) (k T)⁴ / (ħ³ c⁵) · 8πG / (3 (100 km/s/Mpc)²).
double omega_photons(double temperature) {
  const double energy_density = std::numbers::pi * std::numbers::pi / 15.0 * std::pow(boltzmann * temperature, 4) /
                                std::pow(planck_reduced * speed_of_light, 3);
  const double hubble_100 = 1e5 / megaparsec;
  const double critical_mass_density = 3.0 * hubble_100 * hubble_100 / (8.0 * std::numbers::pi * newton_constant);
  return energy_density / (speed_of_light * speed_of_light) / critical_mass_density;
}

CosmologyParameters checked(CosmologyParameters parameters) {
  const std::array<std::pair<std::string_view, double>, 6> values{{{"h", parameters.h},
                                                                   {"omega_b", parameters.omega_b},
                                                                   {"omega_cdm", parameters.omega_cdm},
                                                                   {"t_cmb", parameters.t_cmb},
                                                                   {"n_ur", parameters.n_ur},
                                                                   {"omega_fld", parameters.omega_fld}}};
  for (const auto& [setting, value] : values)
    if (!std::isfinite(value) || value < 0.0) fail("cosmology: {} is {}, expected a number ≥ 0", setting, value);
  // Dark energy must not rule the early years, in which growth begins.
  if (!std::isfinite(parameters.w0) || !std::isfinite(parameters.wa) || parameters.w0 + parameters.wa >= 0.0)
    fail("cosmology: w0 is {} and wa is {}, expected numbers with w0 + wa < 0", parameters.w0, parameters.wa);
  if (parameters.h == 0.0) fail("cosmology: h is 0, expected a number > 0");
  if (parameters.omega_matter() == 0.0) fail("cosmology: omega_b and omega_cdm are both 0: nothing would grow");
  return parameters;
}

}  // namespace

double CosmologyParameters::omega_radiation() const noexcept {
  const double neutrinos = 7.0 / 8.0 * std::pow(4.0 / 11.0, 4.0 / 3.0) * n_ur;
  return omega_photons(t_cmb) * (1.0 + neutrinos) / (h * h);
}

Background::Background(CosmologyParameters parameters)
    : parameters_(checked(parameters)),
      omega_matter_(parameters_.omega_matter()),
      omega_radiation_(parameters_.omega_radiation()),
      omega_lambda_(parameters_.omega_lambda()),
      omega_fld_(parameters_.omega_fld / (parameters_.h * parameters_.h)) {
  const double a = std::exp(first_ln_a);
  Growth growth{a + 2.0 / 3.0 * omega_radiation_ / omega_matter_, a};
  table_.reserve(steps + 1);
  table_.push_back(growth);
  for (int i = 0; i < steps; ++i) {
    growth = runge_kutta_step(first_ln_a + i * step, step, growth);
    table_.push_back(growth);
  }
  growth_today_ = interpolate(0.0).value;
}

double Background::hubble(double a) const noexcept {
  const double matter = omega_matter_ / (a * a * a);
  return std::sqrt(matter + omega_radiation_ / (a * a * a * a) + omega_lambda_ + dark_energy(a));
}

double Background::dark_energy(double a) const noexcept {
  if (omega_fld_ == 0.0) return 0.0;
  const double w0 = parameters_.w0;
  const double wa = parameters_.wa;
  return omega_fld_ * std::pow(a, -3.0 * (1.0 + w0 + wa)) * std::exp(-3.0 * wa * (1.0 - a));
}

Background::Growth Background::derivative(double ln_a, const Growth& growth) const noexcept {
  const double a = std::exp(ln_a);
  const double matter = omega_matter_ / (a * a * a);
  const double radiation = omega_radiation_ / (a * a * a * a);
  const double fluid = dark_energy(a);
  const double fluid_slope = 3.0 * (1.0 + parameters_.w0 + parameters_.wa * (1.0 - a)) * fluid;
  const double square = matter + radiation + omega_lambda_ + fluid;
  const double hubble_slope = -0.5 * (3.0 * matter + 4.0 * radiation + fluid_slope) / square;
  return {growth.slope, 1.5 * matter / square * growth.value - (2.0 + hubble_slope) * growth.slope};
}

/// The classical fourth-order step.
Background::Growth Background::runge_kutta_step(double ln_a, double size, const Growth& growth) const noexcept {
  const auto moved = [&growth](const Growth& direction, double by) {
    return Growth{growth.value + by * direction.value, growth.slope + by * direction.slope};
  };
  const Growth k1 = derivative(ln_a, growth);
  const Growth k2 = derivative(ln_a + 0.5 * size, moved(k1, 0.5 * size));
  const Growth k3 = derivative(ln_a + 0.5 * size, moved(k2, 0.5 * size));
  const Growth k4 = derivative(ln_a + size, moved(k3, size));
  return moved(
      {k1.value + 2.0 * k2.value + 2.0 * k3.value + k4.value, k1.slope + 2.0 * k2.slope + 2.0 * k3.slope + k4.slope},
      size / 6.0);
}

/// Takes the Runge-Kutta step from the node below, of a fraction of the table's step: as accurate as the table.
Background::Growth Background::interpolate(double z) const {
  if (!(z > -0.9 && z < 1e6)) fail("the growth is not known at redshift {}: expected −0.9 < z < 1000000", z);
  const double ln_a = -std::log1p(z);
  const auto node = static_cast<std::size_t>((ln_a - first_ln_a) / step);
  const double ln_a_node = first_ln_a + static_cast<double>(node) * step;
  return runge_kutta_step(ln_a_node, ln_a - ln_a_node, table_[node]);
}

double Background::growth(double z) const {
  return interpolate(z).value / growth_today_;
}

double Background::growth_from_early_times(double z) const {
  return interpolate(z).value;
}

double Background::growth_rate(double z) const {
  const Growth growth = interpolate(z);
  return growth.slope / growth.value;
}

double Background::potential_growth(double z) const {
  return (1.0 + z) * growth(z);
}

}  // namespace phiscope
