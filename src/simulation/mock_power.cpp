#include "mock_power.hpp"

#include <cmath>
#include <numbers>

#include "phiscope/cosmology/linear_power.hpp"

namespace phiscope {
namespace {

/// The mean of ln |n| over the modes.
double mean_log_mode(int axes, std::int64_t n) {
  double sum = 0, count = 0;
  GaussianModes::for_each_degree(axes, n, [&](std::int64_t squared) {
    sum += 0.5 * std::log(static_cast<double>(squared));
    count += 1.0;
  });
  return sum / count;
}

PowerOfMode power_law(const SimulateSettings& settings, const ParameterDraws& draws, std::size_t row, int axes) {
  const double amplitude = draws.value(row, "amplitude", 1.0), tilt = draws.value(row, "tilt", 0.0);
  const double cell = settings.box_size / static_cast<double>(settings.grid_size);
  const double scale = amplitude * std::pow(cell, axes) * std::exp(-tilt * mean_log_mode(axes, settings.grid_size));
  return [scale, tilt](std::int64_t squared) { return scale * std::pow(static_cast<double>(squared), 0.5 * tilt); };
}

}  // namespace

PowerOfMode mock_power(const SimulateSettings& settings, const ParameterDraws& draws, std::size_t row, int axes) {
  if (settings.spectrum == MockSpectrum::power_law) return power_law(settings, draws, row, axes);
  CosmologyParameters cosmology;
  cosmology.h = draws.value(row, "h", cosmology.h);
  cosmology.n_s = draws.value(row, "n_s", cosmology.n_s);
  cosmology.omega_b = draws.value(row, "omega_b", cosmology.omega_b);
  const double omega_m = draws.value(row, "Omega_m", cosmology.omega_matter());
  cosmology.omega_cdm = omega_m * cosmology.h * cosmology.h - cosmology.omega_b;
  auto linear = std::make_shared<const LinearPower>(LinearPower::eisenstein_hu(cosmology));
  constexpr double slab = 5.0;
  const double normal = draws.has("sigma_8") ? draws.value(row, "sigma_8", 1.0) / linear->sigma8(0.0) : 1.0;
  const double scale = normal * normal / (axes == 2 ? slab : 1.0);
  const double fundamental = 2.0 * std::numbers::pi / settings.box_size;
  return [linear, scale, fundamental](std::int64_t squared) {
    return scale * linear->density(fundamental * std::sqrt(static_cast<double>(squared)), 0.0);
  };
}

std::vector<double> smallest_errors(const SimulateSettings& settings, const ParameterDraws& draws, std::size_t row,
                                    int axes, const std::string& name) {
  if (settings.spectrum != MockSpectrum::power_law || settings.lognormal) return {};
  if (name != "amplitude" && name != "tilt") return {};
  // Of ln P of independent Gaussian numbers the information is ½ Σ (∂ ln P)²; the mixed sum is 0 by the choice of k_0.
  const double mean = mean_log_mode(axes, settings.grid_size), amplitude = draws.value(row, "amplitude", 1.0);
  double information = 0;
  GaussianModes::for_each_degree(axes, settings.grid_size, [&](std::int64_t squared) {
    const double slope = name == "amplitude" ? 1.0 / amplitude : 0.5 * std::log(static_cast<double>(squared)) - mean;
    information += 0.5 * slope * slope;
  });
  return {1.0 / std::sqrt(information)};
}

}  // namespace phiscope
