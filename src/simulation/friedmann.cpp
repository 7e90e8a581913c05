#include "phiscope/simulation/friedmann.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

/// Ω_m, Ω_r, Ω_Λ, ln H: of H itself the equation is the same at every size.
using Vector = std::array<double, 4>;

Vector slope(const Vector& y) {
  const double pi = y[0] + 4.0 / 3.0 * y[1];
  return {3.0 * (pi - 1.0) * y[0], 3.0 * (pi - 4.0 / 3.0) * y[1], 3.0 * pi * y[2], -1.5 * pi};
}

struct Step {
  Vector y, error;
};

/// The tableau of Dormand & Prince.
Step dormand_prince(const Vector& y, double h) {
  constexpr std::size_t stages = 7;
  constexpr double a[stages][stages - 1] = {{},
                                            {1.0 / 5},
                                            {3.0 / 40, 9.0 / 40},
                                            {44.0 / 45, -56.0 / 15, 32.0 / 9},
                                            {19372.0 / 6561, -25360.0 / 2187, 64448.0 / 6561, -212.0 / 729},
                                            {9017.0 / 3168, -355.0 / 33, 46732.0 / 5247, 49.0 / 176, -5103.0 / 18656},
                                            {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84}};
  constexpr double difference[stages] = {71.0 / 57600,      0,          -71.0 / 16695, 71.0 / 1920,
                                         -17253.0 / 339200, 22.0 / 525, -1.0 / 40};
  std::array<Vector, stages> k;
  Vector at = y;
  for (std::size_t stage = 0; stage < stages; ++stage) {
    at = y;
    for (std::size_t j = 0; j < stage; ++j)
      for (std::size_t i = 0; i < at.size(); ++i) at[i] += h * a[stage][j] * k[j][i];
    k[stage] = slope(at);
  }
  // The last stage is taken at the end of the step.
  Step step{at, {}};
  for (std::size_t stage = 0; stage < stages; ++stage)
    for (std::size_t i = 0; i < at.size(); ++i) step.error[i] += h * difference[stage] * k[stage][i];
  return step;
}

FriedmannState state_of(const Vector& y) {
  return {y[0], y[1], y[2], std::exp(y[3])};
}

}  // namespace

std::vector<FriedmannState> integrate_friedmann(const FriedmannState& today, std::span<const double> ln_a,
                                                double tolerance) {
  std::vector<FriedmannState> states;
  Vector y{today.omega_matter, today.omega_radiation, today.omega_lambda, std::log(today.hubble)};
  double x = 0.0, h = 0.01;
  const bool descend = std::any_of(ln_a.begin(), ln_a.end(), [](double value) { return value < 0; });
  const double direction = descend ? -1.0 : 1.0;
  for (const double end : ln_a) {
    if (!(direction * (end - x) >= 0)) fail("the values of ln a go up and down, expected one direction from 0");
    while (x != end) {
      const double left = std::abs(end - x), size = std::min(h, left);
      const Step step = dormand_prince(y, direction * size);
      double worst = 0;
      for (std::size_t j = 0; j < y.size(); ++j)
        worst = std::max(worst, std::abs(step.error[j]) / (j == 3 ? 1.0 : std::max(std::abs(step.y[j]), 1e-290)));
      const double wanted = 0.9 * size * std::pow(tolerance / std::max(worst, 1e-300), 0.2);
      if (worst <= tolerance) {
        y = step.y;
        x = size == left ? end : x + direction * size;
        if (size < left || wanted > h) h = std::min(wanted, 5.0 * size);
      } else {
        h = std::max(wanted, 0.1 * size);
      }
    }
    states.push_back(state_of(y));
  }
  return states;
}

FriedmannState exact_friedmann(const FriedmannState& today, double ln_a) {
  const double matter = today.omega_matter * std::exp(-3.0 * ln_a),
               radiation = today.omega_radiation * std::exp(-4.0 * ln_a);
  const double squared = matter + radiation + today.omega_lambda;
  return {matter / squared, radiation / squared, today.omega_lambda / squared, today.hubble * std::sqrt(squared)};
}

}  // namespace phiscope
