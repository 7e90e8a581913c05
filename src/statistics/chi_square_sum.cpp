#include "chi_square_sum.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

namespace phiscope {
namespace {

/// sin θ(u) / (u ρ(u)), the integrand of Imhof's inversion of the characteristic function.
class Integrand {
 public:
  Integrand(const std::vector<ChiSquareTerm>& terms, double x) : terms_(terms), x_(x) {}

  double operator()(double u) const {
    double angle = -0.5 * x_ * u;
    double damping = 0.0;
    for (const auto& [weight, degrees] : terms_) {
      angle += 0.5 * degrees * std::atan(weight * u);
      damping += 0.25 * degrees * std::log1p(weight * weight * u * u);
    }
    return std::sin(angle) * std::exp(-damping) / u;
  }
  /// What is left beyond u is no more than this, about: the integrand's size there over how fast its phase turns, or
  /// over its power of u where that decides.
  double tail(double u) const {
    double damping = 0.0;
    double power = 0.0;
    for (const auto& [weight, degrees] : terms_) {
      const double square = weight * weight * u * u;
      damping += 0.25 * degrees * std::log1p(square);
      power += 0.5 * degrees * square / (1.0 + square);
    }
    return std::exp(-damping) / std::max(0.5 * std::abs(x_) * u, power);
  }
  /// No oscillation is shorter than 2π over this.
  double fastest() const {
    double rate = 0.5 * std::abs(x_);
    for (const auto& [weight, degrees] : terms_) rate += 0.5 * degrees * std::abs(weight);
    return rate;
  }

 private:
  const std::vector<ChiSquareTerm>& terms_;
  double x_;
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
  double largest = 0.0;
  for (const auto& term : all) largest = std::max(largest, std::abs(term.weight));
  // Weights in units of the largest, so that the integrand's features lie near u = 1.
  for (const auto& [weight, degrees] : all) {
    if (weight != 0.0 && degrees > 0.0) terms.push_back({weight / largest, degrees});
  }
  if (terms.empty()) return x < 0.0 ? 1.0 : 0.0;
  const Integrand integrand(terms, x / largest);
  constexpr double tolerance = 1e-6;
  constexpr int most_panels = 1'000'000;
  const double width = 0.5 / integrand.fastest();
  double sum = 0.0;
  double u = 0.0;
  for (int panel = 0; panel < most_panels && (panel == 0 || integrand.tail(u) > tolerance); ++panel) {
    sum += integrate(integrand, u, u + width);
    u += width;
  }
  return 0.5 + sum * std::numbers::inv_pi;
}

}  // namespace phiscope
