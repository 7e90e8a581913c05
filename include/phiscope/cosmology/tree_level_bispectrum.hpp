#pragma once
#include <array>
#include <span>
#include <vector>

#include "phiscope/cosmology/linear_power.hpp"

namespace phiscope {

/// The kernel of second-order perturbation theory in an Einstein–de Sitter universe,
///   F2 = 5/7 + µ/2 (k1/k2 + k2/k1) + 2/7 µ²,
/// with µ the cosine of the angle between the vectors k1 and k2 (Bernardeau et al. 2002, Phys. Rep. 367, 1,
/// equation 45). In ΛCDM it differs by less than 1 %.
double second_order_kernel(double k1, double k2, double mu);

/// The bispectrum of the density at tree level, B = 2 F2(k1, k2) P1 P2 + cyclic (Fry 1984, ApJ 279, 499), for the sides
/// of a triangle (any unit) and a power spectrum at each. In units of P². The cosines are (k3² − k1² − k2²)/(2 k1 k2)
/// and cyclic, kept within ±1: the effective sides of bins need not close exactly. Throws Error when a side is not
/// positive.
double tree_level_bispectrum(const std::array<double, 3>& sides, const std::array<double, 3>& power);

/// B and the reduced Q = B/(P1 P2 + P2 P3 + P3 P1) of triangles, in their order.
struct TreeLevelBispectrum {
  std::vector<double> b;  ///< (Mpc/h)⁶
  std::vector<double> q;  ///< dimensionless
};

/// Of the density δ at redshift z, for sides in h/Mpc. Throws Error as LinearPower does.
TreeLevelBispectrum tree_level_density(const LinearPower& linear, std::span<const std::array<double, 3>> sides,
                                       double z);

/// Of the potential Φ in gevolution's sign: B_Φ = M1 M2 M3 B_δ with M = Φ/δ (LinearPower::potential_per_density), so
/// that B_Φ < 0 where B_δ > 0; Q with the power spectra of Φ. From gravity alone, Newtonian, with Gaussian initial
/// conditions: on the scale of the horizon (k ~ ℋ) relativistic terms of the same order are missing.
/// Throws Error as LinearPower does.
TreeLevelBispectrum tree_level_potential(const LinearPower& linear, std::span<const std::array<double, 3>> sides,
                                         double z);

}  // namespace phiscope
