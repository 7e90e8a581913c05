#pragma once
#include <vector>

namespace phiscope {

/// A flat universe of matter, radiation, a cosmological constant and dark energy of p = w ρ that does not cluster, in
/// physical densities ω = Ω h². The defaults are those of the gevolution runs.
struct CosmologyParameters {
  double h = 0.67556;
  double omega_b = 0.022032;
  double omega_cdm = 0.12038;
  /// Temperature of the microwave background today, K.
  double t_cmb = 2.7255;
  /// Effective number of massless neutrinos.
  double n_ur = 3.046;
  /// Amplitude and tilt of the primordial curvature spectrum at k_pivot (1/Mpc, not h/Mpc).
  double A_s = 2.215e-9;
  double n_s = 0.9619;
  double k_pivot = 0.05;

  /// Dark energy beside Λ, with w = w0 + wa (1 − a) (Chevallier & Polarski 2001, Linder 2003).
  double omega_fld = 0.0;
  double w0 = -1.0;
  double wa = 0.0;

  /// Ω_m: baryons and cold dark matter.
  double omega_matter() const noexcept { return (omega_b + omega_cdm) / (h * h); }
  /// Ω_r: photons and massless neutrinos, ω_γ (1 + 7/8 (4/11)^{4/3} n_ur).
  double omega_radiation() const noexcept;
  /// Ω_Λ = 1 − Ω_m − Ω_r − Ω_fld.
  double omega_lambda() const noexcept { return 1.0 - omega_matter() - omega_radiation() - omega_fld / (h * h); }
};

/// The expansion and the linear growth of matter in a universe without perturbed radiation.
class Background {
 public:
  /// Integrates the growth once. Throws Error when a density or h is negative, not finite, or leaves no matter.
  explicit Background(CosmologyParameters parameters);

  const CosmologyParameters& parameters() const noexcept { return parameters_; }

  /// E(a) = H/H0 = √(Ω_m a⁻³ + Ω_r a⁻⁴ + Ω_Λ + Ω_fld a^{−3(1+w0+wa)} e^{−3 wa (1−a)}). The conformal Hubble rate in
  /// units of H0 is a E(a).
  double hubble(double a) const noexcept;

  /// The linear growing mode D(z) of matter, D(0) = 1: the solution of
  ///   D″ + (2 + d ln H/d ln a) D′ − 3/2 Ω_m(a) D = 0,  ′ = d/d ln a,
  /// with radiation and dark energy in H only (exact where they do not cluster: well inside the horizon), that begins
  /// as D ∝ a + 2/3 a_eq (Mészáros 1974, A&A 37, 225). Accurate to 1e-7. Throws Error outside −0.9 < z < 10⁶: z may be
  /// negative, since the last snapshot of a run lies past z = 0.
  double growth(double z) const;

  /// The same growing mode normalised at early times, D₁ = a + 2/3 a_eq there, so that D₁ → a in matter domination:
  /// what relates the density to the primordial curvature. Same range as growth().
  double growth_from_early_times(double z) const;

  /// f = d ln D/d ln a at z. Same range as growth().
  double growth_rate(double z) const;

  /// The linear growth of the potential, D_φ(z) = (1+z) D(z): 1 at z = 0, constant in matter domination
  /// (∇²Φ ∝ a² ρ̄ δ ∝ δ/a).
  double potential_growth(double z) const;

 private:
  struct Growth {
    double value;
    double slope;  // d/d ln a
  };
  /// Ω_fld of E²(a).
  double dark_energy(double a) const noexcept;
  Growth derivative(double ln_a, const Growth& growth) const noexcept;
  Growth runge_kutta_step(double ln_a, double step, const Growth& growth) const noexcept;
  Growth interpolate(double z) const;

  CosmologyParameters parameters_;
  double omega_matter_, omega_radiation_, omega_lambda_, omega_fld_;
  std::vector<Growth> table_;
  double growth_today_ = 1.0;
};

}  // namespace phiscope
