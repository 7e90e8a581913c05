#include "chi_square_sum.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

/// sin θ(u) / (u ρ(u)), the integrand of Imhof's inversion of the characteristic function.
class Integrand {
 public:
  Integrand(const std::vector<ChiSquareTerm>& terms, double x) : terms_(terms), x_(x), excess_(-x) {
    for (const auto& [weight, degrees] : terms_) {
      excess_ += degrees * weight;
      squares_ += degrees * weight * weight;
    }
  }

  // The phase's part that is linear in u is taken out of the sum: of many terms it all but cancels with x.
  double operator()(double u) const {
    double angle = 0.5 * excess_ * u;
    double damping = 0.0;
    for (const auto& [weight, degrees] : terms_) {
      angle += 0.5 * degrees * (std::atan(weight * u) - weight * u);
      damping += 0.25 * degrees * std::log1p(weight * weight * u * u);
    }
    return std::sin(angle) * std::exp(-damping) / u;
  }

  /// The integral beyond u is not larger than this. With D the logarithm of ρ, u D' never falls, so that the
  /// amplitude's integral is at most ρ⁻¹/(u D'); and the integral of an oscillation whose amplitude falls is at most
  /// twice the amplitude over the least that its phase turns.
  double tail(double u) const {
    double damping = 0.0;
    double power = 0.0;
    double turning = 0.5 * std::abs(x_);
    for (const auto& [weight, degrees] : terms_) {
      const double square = weight * weight * u * u;
      damping += 0.25 * degrees * std::log1p(square);
      power += 0.5 * degrees * square / (1.0 + square);
      turning -= 0.5 * degrees * std::abs(weight) / (1.0 + square);
    }
    return std::exp(-damping) / std::max(power, 0.5 * u * turning);
  }

  /// How far from u on the integrand is smooth.
  double step(double u) const {
    const double scale = 0.25 * std::max(u, 1.0 / std::sqrt(0.25 * squares_ + 1.0));
    const double turning = std::max(std::abs(turning_at(u)), std::abs(turning_at(u + scale)));
    return std::min(scale, 0.5 / turning);
  }

 private:
  /// θ'(u)
  double turning_at(double u) const {
    double sum = 0.5 * excess_;
    for (const auto& [weight, degrees] : terms_) {
      const double square = weight * weight * u * u;
      sum -= 0.5 * degrees * weight * square / (1.0 + square);
    }
    return sum;
  }

  const std::vector<ChiSquareTerm>& terms_;
  double x_;
  double excess_;  ///< of the sum's mean over x
  double squares_ = 0.0;
};

/// Gauss–Legendre with four points.
template <class Function>
double integrate(const Function& function, double begin, double end) {
  constexpr std::array<std::array<double, 2>, 2> points{
      {{0.33998104358485626, 0.65214515486254614}, {0.86113631159405258, 0.34785484513745386}}};
  const double centre = 0.5 * (begin + end);
  const double half = 0.5 * (end - begin);
  double sum = 0.0;
  for (const auto& [place, weight] : points) {
    sum += weight * (function(centre - half * place) + function(centre + half * place));
  }
  return half * sum;
}

}  // namespace

double probability_above(std::span<const ChiSquareTerm> all, double x) {
  std::vector<ChiSquareTerm> terms;
  double least = 0.0;
  double largest = 0.0;
  for (const auto& term : all) {
    if (!std::isfinite(term.weight) || !std::isfinite(term.degrees) || !std::isfinite(x))
      fail("a sum of {} · χ² with {} degrees of freedom has no probability to exceed {}", term.weight, term.degrees, x);
    least = std::min(least, term.weight);
    largest = std::max(largest, term.weight);
  }
  // Where all terms have one sign, the sum has it too.
  if (least == 0.0 && x <= 0.0) return largest > 0.0 || x < 0.0 ? 1.0 : 0.0;
  if (largest == 0.0 && x >= 0.0) return 0.0;
  // Weights in units of the largest, so that the integrand's features lie at u = 1 and below.
  const double unit = std::max(-least, largest);
  for (const auto& [weight, degrees] : all) {
    if (weight != 0.0 && degrees > 0.0) terms.push_back({weight / unit, degrees});
  }
  if (terms.empty()) return x < 0.0 ? 1.0 : 0.0;
  const Integrand integrand(terms, x / unit);
  constexpr double tolerance = 1e-6;
  constexpr int most_steps = 1'000'000;
  double sum = 0.0;
  double u = 0.0;
  for (int count = 0; u == 0.0 || integrand.tail(u) > tolerance; ++count) {
    if (count == most_steps) fail("the probability that a sum of {} χ² exceeds {} cannot be found", terms.size(), x);
    const double step = integrand.step(u);
    sum += integrate(integrand, u, u + step);
    u += step;
  }
  return std::clamp(0.5 + sum * std::numbers::inv_pi, 0.0, 1.0);
}

}  // namespace phiscope
