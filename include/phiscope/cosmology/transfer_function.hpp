#pragma once
#include <memory>

#include "phiscope/cosmology/cosmology.hpp"
#include "phiscope/io/class_transfer.hpp"

namespace phiscope {

/// T(k) of matter: what the years of radiation and of sound waves have left of a mode, 1 for k → 0.
class TransferFunction {
 public:
  virtual ~TransferFunction() = default;

  /// T at k (h/Mpc). Throws Error when k is not a positive number or is outside what is known.
  double at(double k) const;

 private:
  virtual double value(double k) const = 0;
};

/// Whether the fit of Eisenstein & Hu has its acoustic oscillations, or only the suppression that comes with them.
enum class AcousticOscillations { present, smoothed };

/// The fit of Eisenstein & Hu 1998 (ApJ 496, 605): equations 2–24 with oscillations, 26 and 28–31 without. At any
/// k > 0. With oscillations it gives P within 5 % of a Boltzmann code's. The fit was made for photons and three
/// massless neutrinos; for another n_ur than 3.046 the equality of matter and radiation is moved (equations 2 and 3),
/// which is the main effect, and is left where it is without oscillations. Throws Error when there are no baryons or no
/// photons, which the fit cannot take.
std::unique_ptr<const TransferFunction> eisenstein_hu(
    const CosmologyParameters& parameters, AcousticOscillations oscillations = AcousticOscillations::present);

/// The comoving sound horizon at the end of the baryon drag in the fit of Eisenstein & Hu (equation 6), Mpc. It is 2 %
/// to 3 % larger than a Boltzmann code's. Throws Error as eisenstein_hu() does.
double eisenstein_hu_sound_horizon(const CosmologyParameters& parameters);

/// From a table of CLASS, by a natural spline of ln T in ln k:
///   T = −δ 5/2 Ω_m (H0/kc)² / D₁(z),  δ = (ω_b δ_b + ω_cdm δ_cdm)/(ω_b + ω_cdm) + 3 ℋ θ_tot/k²,
/// at the redshift of the table, with D₁ of `background` (growth_from_early_times). The velocity term makes δ the
/// comoving density of any gauge's table: the one in Poisson's equation, with which a Newtonian simulation starts
/// (N-body gauge: Fidler et al. 2015, PRD 92, 123517). The amplitude is the table's own; for k → 0 T is a few % below 1
/// at high redshift, where radiation still clusters. Rows at low k where the velocity term cancels 99 % of δ are left
/// out: there the digits of the table do not suffice.
/// Throws Error when fewer than four rows remain, δ is not negative, or T is far from 1 on large scales (k ≤ 0.002
/// h/Mpc): then table and parameters do not belong together.
std::unique_ptr<const TransferFunction> tabulated_transfer(const ClassTransfer& table, const Background& background);

}  // namespace phiscope
