#pragma once
#include <cstdint>

#include "phiscope/simulation/gaussian_field.hpp"
#include "phiscope/simulation/parameter_draws.hpp"
#include "phiscope/simulation/simulate_settings.hpp"

namespace phiscope {

/// P of δ of one simulation of mock maps (`axes` 2) or cubes (3), by its parameters:
/// - linear: Omega_m, sigma_8, n_s, h, Omega_b h² of a flat universe at redshift 0, others as gevolution's; of maps
/// that
///   of a slab of 5 Mpc/h, P(k)/5 in (Mpc/h)²;
/// - power_law: amplitude·(k/k_0)^tilt·v, with v the volume of a cell, so that amplitude 1 and tilt 0 is white noise of
///   variance 1; k_0 is the mean of ln k over the modes, where amplitude and tilt do not depend on each other.
/// Parameters of other names have no effect. Throws Error for a universe that cannot be.
PowerOfMode mock_power(const SimulateSettings& settings, const ParameterDraws& draws, std::size_t row, int axes);

/// The smallest standard deviations that unbiased estimates of `amplitude` and `tilt` from one such field can have
/// (Cramér & Rao; exact, as the modes are Gaussian and independent); nothing for other parameters, and where fields are
/// not Gaussian.
std::vector<double> smallest_errors(const SimulateSettings& settings, const ParameterDraws& draws, std::size_t row,
                                    int axes, const std::string& name);

}  // namespace phiscope
