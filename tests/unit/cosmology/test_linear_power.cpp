#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <memory>
#include <numbers>
#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/catalogue/gevolution_power.hpp"
#include "phiscope/cosmology/linear_power.hpp"

namespace phiscope {
namespace {

constexpr double hubble_length = 2997.92458;

/// k³P/(2π²)
double dimensionless(double k, double power) {
  return k * k * k * power / (2.0 * std::numbers::pi * std::numbers::pi);
}

/// No scale is special.
class NoTransfer final : public TransferFunction {
  double value(double) const override { return 1.0; }
};

TEST(LinearPower, PotentialOfLargeScalesIsThreeFifthsOfTheCurvature) {
  CosmologyParameters parameters;
  parameters.t_cmb = 0.0;
  parameters.omega_cdm = parameters.h * parameters.h - parameters.omega_b;  // Einstein–de Sitter
  const LinearPower linear(Background(parameters), std::make_shared<NoTransfer>());
  for (const double z : {0.0, 10.0})
    for (const double k : {1e-4, 0.01, 0.05 / 0.67556}) {
      const double curvature = 2.215e-9 * std::pow(k * 0.67556 / 0.05, 0.9619 - 1.0);
      EXPECT_NEAR(dimensionless(k, linear.potential(k, z)) / (0.36 * curvature), 1.0, 1e-8) << "k = " << k;
    }
}

TEST(LinearPower, PotentialIsThatOfPoissonsEquation) {
  const LinearPower linear = LinearPower::eisenstein_hu({});
  const double k = 0.02;
  const double z = 1.0;
  const double ratio = linear.potential_per_density(k, z);
  // k² Φ = −4πG a² ρ̄ δ/c² = −3/2 Ω_m (H0/c)² (1+z) δ
  EXPECT_NEAR(ratio * k * k * hubble_length * hubble_length, -1.5 * 0.31204608 * 2.0, 1e-7);
  EXPECT_DOUBLE_EQ(linear.potential(k, z), ratio * ratio * linear.density(k, z));
}

TEST(LinearPower, GrowsAsTheSquareOfTheGrowth) {
  const LinearPower linear = LinearPower::eisenstein_hu({});
  const Background& universe = linear.background();
  for (const double z : {-0.0299, 0.997956, 9.9953, 19.7208}) {
    const double growth = universe.growth(z);
    EXPECT_NEAR(linear.density(0.1, z) / linear.density(0.1, 0.0) / (growth * growth), 1.0, 1e-12);
    EXPECT_NEAR(linear.sigma8(z) / linear.sigma8(0.0) / growth, 1.0, 1e-12);
    const double potential_growth = universe.potential_growth(z);
    EXPECT_NEAR(linear.potential(0.1, z) / linear.potential(0.1, 0.0) / (potential_growth * potential_growth), 1.0,
                1e-12);
  }
}

TEST(LinearPower, IsWithinFivePercentOfABoltzmannCode) {
  // CAMB 2.0.5, linear matter power for the gevolution parameters with massless neutrinos, (Mpc/h)³.
  struct Expected {
    double k, z, power;
  };
  constexpr std::array<Expected, 14> expected{{{0.005, 0, 1.605579e4},
                                               {0.01, 0, 2.371761e4},
                                               {0.02, 0, 2.597152e4},
                                               {0.05, 0, 1.339164e4},
                                               {0.075, 0, 9.688619e3},
                                               {0.1, 0, 5.958324e3},
                                               {0.2, 0, 2.130290e3},
                                               {0.5, 0, 3.421826e2},
                                               {1.0, 0, 7.362085e1},
                                               {0.01, 1, 8.761158e3},
                                               {0.2, 1, 7.869204e2},
                                               {0.01, 10, 3.181108e2},
                                               {0.1, 10, 7.992846e1},
                                               {1.0, 10, 9.875947e-1}}};
  const LinearPower linear = LinearPower::eisenstein_hu({});
  for (const Expected& row : expected)
    EXPECT_NEAR(linear.density(row.k, row.z) / row.power, 1.0, 0.05) << "k = " << row.k << ", z = " << row.z;
}

TEST(LinearPower, Sigma8IsWithinOnePercentOfABoltzmannCode) {
  // CAMB, as above.
  const LinearPower linear = LinearPower::eisenstein_hu({});
  EXPECT_NEAR(linear.sigma8(0.0) / 0.84844121, 1.0, 0.01);
  EXPECT_NEAR(linear.sigma8(1.0) / 0.51566517, 1.0, 0.01);
  EXPECT_NEAR(linear.sigma8(10.0) / 0.09826756, 1.0, 0.01);
}

/// The power of a simulated potential on large scales (1.5 ≤ k/k_F < 4.5) over that of linear theory. Two things take
/// power from the simulation that theory does not have. Mass is put on the mesh and forces are taken from it with a
/// cloud-in-cell window: ∏ sinc⁴(n_i/N), to the order that matters here (1 − (π n/N)²/6)⁴. And modes with k_x = 0 have
/// half their power: one in 2n of all modes.
double simulated_over_linear(const std::string& file, double grid, double box_size) {
  const GevolutionPower measured = read_gevolution_power(file);
  const LinearPower linear = LinearPower::eisenstein_hu({});
  double sum = 0.0;
  double modes = 0.0;
  for (std::size_t i = 0; i < measured.k.size(); ++i) {
    const double n = measured.k[i] * box_size / (2.0 * std::numbers::pi);
    if (n < 1.5 || n >= 4.5) continue;
    const double x = std::numbers::pi * n / grid;
    const double kept = std::pow(1.0 - x * x / 6.0, 4) * (1.0 - 0.25 / n);
    const double expected = kept * dimensionless(measured.k[i], linear.potential(measured.k[i], measured.redshift));
    sum += static_cast<double>(measured.count[i]) * measured.pk[i] / expected;
    modes += static_cast<double>(measured.count[i]);
  }
  return sum / modes;
}

TEST(LinearPower, PotentialOfASimulationIsLinearOnLargeScales) {
  // 350 modes in ± pairs: the ratio scatters by √(2/350) = 8 % from seed to seed.
  const std::string file = PHISCOPE_SOURCE_DIR "/tests/data/pairs32/seed0000/newton/newton_pk000_phi.dat";
  EXPECT_NEAR(simulated_over_linear(file, 32.0, 2560.0), 1.0, 0.2);
}

TEST(LinearPower, MeaninglessRequestsAreNamed) {
  const LinearPower linear = LinearPower::eisenstein_hu({});
  EXPECT_THROW(linear.density(0.0, 0.0), Error);
  EXPECT_THROW(linear.potential(-0.1, 0.0), Error);
  EXPECT_THROW(linear.potential_per_density(0.0, 0.0), Error);
  EXPECT_THROW(linear.density(0.1, -1.0), Error);
  EXPECT_THROW(linear.sigma8(2e6), Error);
}

TEST(LinearPower, MeaninglessParametersAreNamed) {
  CosmologyParameters parameters;
  parameters.A_s = 0.0;
  EXPECT_THROW(LinearPower::eisenstein_hu(parameters), Error);
  parameters = {};
  parameters.k_pivot = -0.05;
  EXPECT_THROW(LinearPower::eisenstein_hu(parameters), Error);
  parameters = {};
  parameters.n_s = std::nan("");
  EXPECT_THROW(LinearPower::eisenstein_hu(parameters), Error);
  EXPECT_THROW(LinearPower(Background({}), nullptr), Error);
}

}  // namespace
}  // namespace phiscope
