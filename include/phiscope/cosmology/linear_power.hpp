#pragma once
#include <memory>

#include "phiscope/cosmology/cosmology.hpp"
#include "phiscope/cosmology/transfer_function.hpp"

namespace phiscope {

/// Power spectra of linear theory, P(k, z), for k in h/Mpc. All functions throw Error when k is not positive or is
/// outside the transfer function's table, and when z is outside −0.9 < z < 10⁶.
///
/// δ is the comoving density contrast of matter. Growth is the same on all scales, which is right at the redshift of
/// the transfer function (0 for the fit); away from it the clustering of radiation is missing: 1.5 % of P at k = 0.001
/// h/Mpc and z = 10.
class LinearPower {
 public:
  /// Throws Error when A_s or k_pivot is not positive, n_s not finite, or the transfer function is missing.
  LinearPower(Background background, std::shared_ptr<const TransferFunction> transfer);

  /// With the transfer function of Eisenstein & Hu. Throws Error as Background, eisenstein_hu() and the above do.
  static LinearPower eisenstein_hu(const CosmologyParameters& parameters);

  /// With a table of CLASS made with the same parameters. Throws Error as tabulated_transfer() does.
  static LinearPower from_class(const CosmologyParameters& parameters, const ClassTransfer& table);

  const Background& background() const noexcept { return background_; }

  /// P of the matter density contrast δ, (Mpc/h)³:
  ///   P = P_ζ(k) (2/5 (kc/H0)²/Ω_m T(k) D₁(z))²,  P_ζ = 2π²/k³ A_s (k/k_pivot)^{n_s − 1},
  /// with D₁ → a in matter domination (Dodelson 2003, Modern Cosmology, equation 7.8, with Φ_p = 2/3 ζ).
  double density(double k, double z) const;

  /// P of the dimensionless potential Φ, (Mpc/h)³: potential_per_density()² times density().
  double potential(double k, double z) const;

  /// M = Φ/δ of a mode, −3/2 Ω_m (H0/kc)² (1+z): Poisson's equation ∇²Φ = 4πG a² ρ̄ δ in gevolution's sign, which makes
  /// Φ negative in overdensities.
  double potential_per_density(double k, double z) const;

  /// σ₈: the standard deviation of δ in spheres of 8 Mpc/h. Uses 10⁻³ ≤ k ≤ 10 h/Mpc, which is all but 10⁻⁶ of it.
  double sigma8(double z) const;

 private:
  Background background_;
  std::shared_ptr<const TransferFunction> transfer_;
};

}  // namespace phiscope
