#include <array>
#include <cmath>
#include <numbers>
#include <string_view>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/cosmology/transfer_function.hpp"

namespace phiscope {
namespace {

CosmologyParameters fit_can_take(const CosmologyParameters& parameters) {
  const std::array<std::pair<std::string_view, double>, 3> needed{
      {{"h", parameters.h}, {"omega_b", parameters.omega_b}, {"t_cmb", parameters.t_cmb}}};
  for (const auto& [setting, value] : needed)
    if (!std::isfinite(value) || value <= 0.0)
      fail("the transfer function of Eisenstein & Hu: {} is {}, expected a number > 0", setting, value);
  if (!std::isfinite(parameters.omega_cdm) || parameters.omega_cdm < 0.0)
    fail("the transfer function of Eisenstein & Hu: omega_cdm is {}, expected a number ≥ 0", parameters.omega_cdm);
  return parameters;
}

/// The numbers of Eisenstein & Hu 1998 that depend on the universe alone, in their notation: ω_m = Ω_0 h²,
/// θ = T_cmb/2.7 K, k in 1/Mpc, lengths in Mpc.
struct Epochs {
  double omega_m, omega_b, baryon_fraction, theta_squared;
  double z_equality, k_equality;
  double z_drag, momentum_ratio_drag;
  double sound_horizon, k_silk;

  explicit Epochs(const CosmologyParameters& parameters);
};

Epochs::Epochs(const CosmologyParameters& parameters)
    : omega_m(parameters.omega_b + parameters.omega_cdm),
      omega_b(parameters.omega_b),
      baryon_fraction(parameters.omega_b / omega_m),
      theta_squared(parameters.t_cmb / 2.7 * (parameters.t_cmb / 2.7)) {
  const double theta_fourth = theta_squared * theta_squared;
  // The fit's radiation, over that with n_ur neutrinos: exactly 1 for the three of the standard model.
  constexpr double of_three = 3.046, energy_of_one = 0.22710731766;
  const double radiation = (1.0 + energy_of_one * of_three) / (1.0 + energy_of_one * parameters.n_ur);
  z_equality = 2.50e4 * omega_m / theta_fourth * radiation;                                        // (2)
  k_equality = 7.46e-2 * omega_m / theta_squared * std::sqrt(radiation);                           // (3)
  const double b1 = 0.313 * std::pow(omega_m, -0.419) * (1.0 + 0.607 * std::pow(omega_m, 0.674));  // (4)
  const double b2 = 0.238 * std::pow(omega_m, 0.223);
  z_drag =
      1291.0 * std::pow(omega_m, 0.251) / (1.0 + 0.659 * std::pow(omega_m, 0.828)) * (1.0 + b1 * std::pow(omega_b, b2));
  const auto momentum_ratio = [&](double z) { return 31.5 * omega_b / theta_fourth * 1e3 / z; };  // (5)
  momentum_ratio_drag = momentum_ratio(z_drag);
  const double momentum_ratio_equality = momentum_ratio(z_equality);
  sound_horizon =
      2.0 / (3.0 * k_equality) * std::sqrt(6.0 / momentum_ratio_equality) *
      std::log((std::sqrt(1.0 + momentum_ratio_drag) + std::sqrt(momentum_ratio_drag + momentum_ratio_equality)) /
               (1.0 + std::sqrt(momentum_ratio_equality)));                                                    // (6)
  k_silk = 1.6 * std::pow(omega_b, 0.52) * std::pow(omega_m, 0.73) * (1.0 + std::pow(10.4 * omega_m, -0.95));  // (7)
}

/// (19), (20)
double pressureless(double q, double alpha, double beta) {
  const double logarithm = std::log(std::numbers::e + 1.8 * beta * q);
  const double c = 14.2 / alpha + 386.0 / (1.0 + 69.9 * std::pow(q, 1.08));
  return logarithm / (logarithm + c * q * q);
}

class EisensteinHu final : public TransferFunction {
 public:
  explicit EisensteinHu(const CosmologyParameters& parameters) : h_(parameters.h), at_(parameters) {
    set_cdm();
    set_baryons();
  }

 private:
  void set_cdm() {
    const double m = at_.omega_m;
    const double a1 = std::pow(46.9 * m, 0.670) * (1.0 + std::pow(32.1 * m, -0.532));
    const double a2 = std::pow(12.0 * m, 0.424) * (1.0 + std::pow(45.0 * m, -0.582));
    const double f = at_.baryon_fraction;
    alpha_c_ = std::pow(a1, -f) * std::pow(a2, -f * f * f);  // (11)
    const double b1 = 0.944 / (1.0 + std::pow(458.0 * m, -0.708));
    const double b2 = std::pow(0.395 * m, -0.0266);
    beta_c_ = 1.0 / (1.0 + b1 * (std::pow(1.0 - f, b2) - 1.0));  // (12)
  }

  void set_baryons() {
    const double y = (1.0 + at_.z_equality) / (1.0 + at_.z_drag);
    const double root = std::sqrt(1.0 + y);
    const double g = y * (-6.0 * root + (2.0 + 3.0 * y) * std::log((root + 1.0) / (root - 1.0)));               // (15)
    alpha_b_ = 2.07 * at_.k_equality * at_.sound_horizon * std::pow(1.0 + at_.momentum_ratio_drag, -0.75) * g;  // (14)
    beta_node_ = 8.41 * std::pow(at_.omega_m, 0.435);                                                           // (23)
    const double f = at_.baryon_fraction;
    const double steep = 17.2 * at_.omega_m;
    beta_b_ = 0.5 + f + (3.0 - 2.0 * f) * std::sqrt(steep * steep + 1.0);  // (24)
  }

  double value(double k_over_h) const override {
    const double k = k_over_h * h_;
    const double q = k / (13.41 * at_.k_equality);  // (10)
    const double ks = k * at_.sound_horizon;
    const double f = 1.0 / (1.0 + std::pow(ks / 5.4, 4));                                                   // (18)
    const double cdm = f * pressureless(q, 1.0, beta_c_) + (1.0 - f) * pressureless(q, alpha_c_, beta_c_);  // (17)
    const double shifted = ks / std::cbrt(1.0 + std::pow(beta_node_ / ks, 3));                              // (22)
    const double sinc = shifted < 1e-4 ? 1.0 : std::sin(shifted) / shifted;
    const double silk = std::exp(-std::pow(k / at_.k_silk, 1.4));
    const double baryons = (pressureless(q, 1.0, 1.0) / (1.0 + std::pow(ks / 5.2, 2)) +
                            alpha_b_ / (1.0 + std::pow(beta_b_ / ks, 3)) * silk) *
                           sinc;                                               // (21)
    return at_.baryon_fraction * baryons + (1.0 - at_.baryon_fraction) * cdm;  // (16)
  }

  double h_;
  Epochs at_;
  double alpha_c_ = 0.0, beta_c_ = 0.0, alpha_b_ = 0.0, beta_b_ = 0.0, beta_node_ = 0.0;
};

class SmoothEisensteinHu final : public TransferFunction {
 public:
  explicit SmoothEisensteinHu(const CosmologyParameters& parameters) : h_(parameters.h), at_(parameters) {
    const double m = at_.omega_m;
    sound_horizon_ = 44.5 * std::log(9.83 / m) / std::sqrt(1.0 + 10.0 * std::pow(at_.omega_b, 0.75));  // (26)
    const double f = at_.baryon_fraction;
    alpha_ = 1.0 - 0.328 * std::log(431.0 * m) * f + 0.38 * std::log(22.3 * m) * f * f;  // (31)
  }

 private:
  double value(double k_over_h) const override {
    const double k = k_over_h * h_;
    const double shape = at_.omega_m * (alpha_ + (1.0 - alpha_) / (1.0 + std::pow(0.43 * k * sound_horizon_, 4)));
    const double q = k * at_.theta_squared / shape;  // (28), (30)
    const double logarithm = std::log(2.0 * std::numbers::e + 1.8 * q);
    const double c = 14.2 + 731.0 / (1.0 + 62.5 * q);
    return logarithm / (logarithm + c * q * q);  // (29)
  }

  double h_;
  Epochs at_;
  double sound_horizon_, alpha_;
};

}  // namespace

std::unique_ptr<const TransferFunction> eisenstein_hu(const CosmologyParameters& parameters,
                                                      AcousticOscillations oscillations) {
  const CosmologyParameters checked = fit_can_take(parameters);
  if (oscillations == AcousticOscillations::smoothed) return std::make_unique<SmoothEisensteinHu>(checked);
  return std::make_unique<EisensteinHu>(checked);
}

double eisenstein_hu_sound_horizon(const CosmologyParameters& parameters) {
  return Epochs(fit_can_take(parameters)).sound_horizon;
}

}  // namespace phiscope
