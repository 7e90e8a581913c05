#include "phiscope/cosmology/tree_level_bispectrum.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

double sum_of_products(const std::array<double, 3>& power) {
  return power[0] * power[1] + power[1] * power[2] + power[2] * power[0];
}

/// The bispectrum of a field that is `ratio(k)` times the density, of power `power(k)` itself.
template <class Ratio>
TreeLevelBispectrum of_field(const LinearPower& linear, std::span<const std::array<double, 3>> triangles, double z,
                             Ratio&& ratio) {
  TreeLevelBispectrum result;
  result.b.reserve(triangles.size());
  result.q.reserve(triangles.size());
  for (const std::array<double, 3>& sides : triangles) {
    std::array<double, 3> density{};
    std::array<double, 3> field{};
    double ratios = 1.0;
    for (std::size_t i = 0; i < 3; ++i) {
      const double side_ratio = ratio(sides[i]);
      density[i] = linear.density(sides[i], z);
      field[i] = side_ratio * side_ratio * density[i];
      ratios *= side_ratio;
    }
    result.b.push_back(ratios * tree_level_bispectrum(sides, density));
    result.q.push_back(result.b.back() / sum_of_products(field));
  }
  return result;
}

}  // namespace

double second_order_kernel(double k1, double k2, double mu) {
  return 5.0 / 7.0 + 0.5 * mu * (k1 / k2 + k2 / k1) + 2.0 / 7.0 * mu * mu;
}

double tree_level_bispectrum(const std::array<double, 3>& sides, const std::array<double, 3>& power) {
  for (const double side : sides)
    if (!std::isfinite(side) || side <= 0.0)
      fail("a triangle has the sides {}, {} and {}, expected numbers > 0", sides[0], sides[1], sides[2]);
  double sum = 0.0;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::size_t j = (i + 1) % 3;
    const double k1 = sides[i];
    const double k2 = sides[j];
    const double k3 = sides[(i + 2) % 3];
    const double mu = std::clamp((k3 * k3 - k1 * k1 - k2 * k2) / (2.0 * k1 * k2), -1.0, 1.0);
    sum += 2.0 * second_order_kernel(k1, k2, mu) * power[i] * power[j];
  }
  return sum;
}

TreeLevelBispectrum tree_level_density(const LinearPower& linear, std::span<const std::array<double, 3>> sides,
                                       double z) {
  return of_field(linear, sides, z, [](double) { return 1.0; });
}

TreeLevelBispectrum tree_level_potential(const LinearPower& linear, std::span<const std::array<double, 3>> sides,
                                         double z) {
  return of_field(linear, sides, z, [&linear, z](double k) { return linear.potential_per_density(k, z); });
}

}  // namespace phiscope
