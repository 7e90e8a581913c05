#pragma once
#include <span>
#include <vector>

namespace phiscope {

/// A flat universe of matter, radiation and Λ as a system of differential equations in N = ln a:
///   Ω_i′ = 3 (Π − γ_i) Ω_i,  H′ = −(3/2) Π H,  Π = Σ γ_i Ω_i,  γ = 1, 4/3, 0.
struct FriedmannState {
  double omega_matter, omega_radiation, omega_lambda, hubble;
};

/// Integrates it from today (N = 0) to each of `ln_a`, which descend or ascend from 0, by the method of Dormand &
/// Prince (1980, J. Comput. Appl. Math. 6, 19), order 5 with an error estimate of order 4, in steps that keep the error
/// of each quantity below `tolerance` of its size. Throws Error when the values are not ordered.
std::vector<FriedmannState> integrate_friedmann(const FriedmannState& today, std::span<const double> ln_a,
                                                double tolerance = 1e-10);

/// The exact solution at one N: H²/H₀² = Ω_r e^{−4N} + Ω_m e^{−3N} + Ω_Λ, Ω_i = Ω_i,0 e^{−3γ_i N} H₀²/H².
FriedmannState exact_friedmann(const FriedmannState& today, double ln_a);

}  // namespace phiscope
