#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/cosmology/cosmology.hpp"

namespace phiscope {
namespace {

CosmologyParameters without_radiation() {
  CosmologyParameters parameters;
  parameters.t_cmb = 0.0;
  return parameters;
}

CosmologyParameters einstein_de_sitter() {
  CosmologyParameters parameters = without_radiation();
  parameters.omega_cdm = parameters.h * parameters.h - parameters.omega_b;
  return parameters;
}

/// The growing mode without radiation as an integral: D ∝ H(a) ∫₀ᵃ da′/(a′H(a′))³ (Heath 1977, MNRAS 179, 351),
/// by Simpson's rule in x = a′^{5/2}, in which the integrand is smooth at 0.
double heath_growth(const Background& universe, double a) {
  const double end = std::pow(a, 2.5);
  const int intervals = 2000;
  double sum = 0.0;
  for (int i = 0; i <= intervals; ++i) {
    const double x = std::max(end * i / intervals, 1e-14);
    const double at = std::pow(x, 0.4);
    const double rate = at * universe.hubble(at);
    const double integrand = 0.4 * std::pow(at, -1.5) / (rate * rate * rate);
    sum += integrand * (i == 0 || i == intervals ? 1.0 : i % 2 != 0 ? 4.0 : 2.0);
  }
  return universe.hubble(a) * sum * end / intervals / 3.0;
}

TEST(CosmologyParameters, RadiationIsPhotonsAndNeutrinos) {
  CosmologyParameters parameters;
  parameters.n_ur = 0.0;
  const double photons = parameters.omega_radiation() * parameters.h * parameters.h;
  // The value that the Review of Particle Physics gives for 2.7255 K.
  EXPECT_NEAR(photons, 2.473e-5, 5e-9);
  parameters.n_ur = 3.046;
  EXPECT_NEAR(parameters.omega_radiation() * parameters.h * parameters.h / photons, 1.0 + 0.2271073 * 3.046, 1e-6);
}

TEST(CosmologyParameters, DensitiesAddUpToOne) {
  const CosmologyParameters p;
  EXPECT_DOUBLE_EQ(p.omega_matter() + p.omega_radiation() + p.omega_lambda(), 1.0);
  EXPECT_NEAR(p.omega_matter(), 0.312046, 1e-6);
}

TEST(Background, HubbleRateIsOneToday) {
  EXPECT_DOUBLE_EQ(Background({}).hubble(1.0), 1.0);
}

TEST(Background, MatterAloneGrowsLikeTheScaleFactor) {
  const Background universe(einstein_de_sitter());
  for (const double z : {-0.5, 0.0, 1.0, 10.0, 100.0, 10000.0}) {
    EXPECT_NEAR(universe.growth(z) * (1.0 + z), 1.0, 1e-9) << "z = " << z;
    EXPECT_NEAR(universe.potential_growth(z), 1.0, 1e-9) << "z = " << z;
    EXPECT_NEAR(universe.growth_rate(z), 1.0, 1e-9) << "z = " << z;
  }
}

TEST(Background, GrowthWithoutRadiationIsHeathsIntegral) {
  const Background universe(without_radiation());
  const double today = heath_growth(universe, 1.0);
  for (const double z : {-0.0299, 0.25, 0.997956, 4.834, 9.9953, 19.7208}) {
    const double expected = heath_growth(universe, 1.0 / (1.0 + z)) / today;
    EXPECT_NEAR(universe.growth(z) / expected, 1.0, 1e-7) << "z = " << z;
  }
}

TEST(Background, GrowthOfMatterInRadiationIsMeszarosSolution) {
  CosmologyParameters parameters;
  const double radiation = parameters.omega_radiation() * parameters.h * parameters.h;
  parameters.omega_cdm = parameters.h * parameters.h - radiation - parameters.omega_b;
  const Background universe(parameters);
  const double equality = parameters.omega_radiation() / parameters.omega_matter();
  for (const double z : {0.5, 10.0, 1000.0, 10000.0, 100000.0}) {
    const double expected = (1.0 / (1.0 + z) + 2.0 / 3.0 * equality) / (1.0 + 2.0 / 3.0 * equality);
    EXPECT_NEAR(universe.growth(z) / expected, 1.0, 1e-7) << "z = " << z;
  }
}

TEST(Background, GrowthIsOneTodayAndPotentialDecaysInLambda) {
  const Background universe({});
  EXPECT_DOUBLE_EQ(universe.growth(0.0), 1.0);
  EXPECT_DOUBLE_EQ(universe.potential_growth(0.0), 1.0);
  EXPECT_GT(universe.potential_growth(1.0), 1.1);
  EXPECT_GT(universe.potential_growth(10.0), universe.potential_growth(1.0));
}

TEST(Background, GrowthRateIsTheSlopeOfTheGrowth) {
  const Background universe({});
  for (const double z : {0.0, 1.0, 10.0}) {
    const double step = 1e-4 * (1.0 + z);
    const double slope = -std::log(universe.growth(z + step) / universe.growth(z - step)) /
                         std::log((1.0 + z + step) / (1.0 + z - step));
    EXPECT_NEAR(universe.growth_rate(z), slope, 1e-7) << "z = " << z;
  }
}

TEST(Background, GrowthIsSmoothAcrossItsTable) {
  const Background universe({});
  for (int i = 0; i < 50; ++i) {
    const double z = 0.001 * i;
    const double middle = 0.5 * (universe.growth(z) + universe.growth(z + 0.002));
    EXPECT_NEAR(universe.growth(z + 0.001), middle, 1e-6);
  }
}

TEST(Background, ExpansionAgreesWithGevolutions) {
  std::ifstream file(PHISCOPE_SOURCE_DIR "/tests/data/pairs32/seed0000/gr/gr_background.dat");
  ASSERT_TRUE(file.is_open());
  const Background universe({});
  std::string line;
  int rows = 0;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream columns(line);
    double cycle = 0.0, time = 0.0, a = 0.0, rate = 0.0;
    columns >> cycle >> time >> a >> rate;
    EXPECT_NEAR(a * universe.hubble(a) / rate, 1.0, 2e-6) << line;
    ++rows;
  }
  EXPECT_GT(rows, 20);
}

TEST(Background, DarkEnergyWithWOfMinusOneIsLambda) {
  CosmologyParameters parameters;
  parameters.omega_fld = 0.2;
  const Background universe(parameters), lambda({});
  for (const double z : {20.0, 1.0, 0.0}) EXPECT_NEAR(universe.growth(z), lambda.growth(z), 1e-12) << z;
  EXPECT_NEAR(universe.hubble(0.3), lambda.hubble(0.3), 1e-12);
}

/// All dark energy of p = w ρ, without Λ and radiation.
CosmologyParameters dark_energy_alone(double w0, double wa) {
  CosmologyParameters parameters = without_radiation();
  parameters.omega_fld = (1.0 - parameters.omega_matter()) * parameters.h * parameters.h;
  parameters.w0 = w0;
  parameters.wa = wa;
  return parameters;
}

TEST(Background, ExpansionWithDarkEnergyIsItsIntegralOfW) {
  const auto parameters = dark_energy_alone(-0.8, 0.3);
  const Background universe(parameters);
  EXPECT_NEAR(universe.hubble(1.0), 1.0, 1e-14);
  const double a = 0.4, matter = parameters.omega_matter();
  double exponent = 0.0;  // 3 ∫ (1+w) d ln a′ from a to 1, by the midpoint rule
  const int steps = 100000;
  for (int i = 0; i < steps; ++i) {
    const double at = std::exp(std::log(a) * (i + 0.5) / steps);
    exponent += 3.0 * (1.0 - 0.8 + 0.3 * (1.0 - at)) * -std::log(a) / steps;
  }
  EXPECT_NEAR(universe.hubble(a), std::sqrt(matter / (a * a * a) + (1.0 - matter) * std::exp(exponent)), 1e-9);
}

TEST(Background, GrowthWithDarkEnergyIsTheKnownHypergeometricFunction) {
  // Silveira & Waga 1994, PRD 50, 4890: D = a ₂F₁(−1/3w, (w−1)/2w; 1 − 5/6w; −x), x = Ω_fld/Ω_m a^{−3w}, w constant.
  const double w = -0.8;
  const auto parameters = dark_energy_alone(w, 0.0);
  const Background universe(parameters);
  const double share = 1.0 / parameters.omega_matter() - 1.0;
  for (const double z : {1.0, 3.0, 10.0}) {
    const double a = 1.0 / (1.0 + z), x = share * std::pow(a, -3.0 * w);
    double term = 1.0, sum = 1.0;  // the series, by Pfaff's transformation, which converges for all x > 0
    const double p = -1.0 / (3.0 * w), q = (w - 1.0) / (2.0 * w), r = 1.0 - 5.0 / (6.0 * w), y = x / (1.0 + x);
    for (int n = 0; n < 400; ++n) {
      term *= (p + n) * (r - q + n) / ((r + n) * (n + 1.0)) * y;
      sum += term;
    }
    EXPECT_NEAR(universe.growth_from_early_times(z) / (a * std::pow(1.0 + x, -p) * sum), 1.0, 1e-6) << "z = " << z;
  }
}

TEST(Background, MeaninglessParametersAreNamed) {
  CosmologyParameters parameters;
  parameters.h = 0.0;
  EXPECT_THROW(Background{parameters}, Error);
  parameters = {};
  parameters.omega_cdm = -0.1;
  EXPECT_THROW(Background{parameters}, Error);
  parameters = {};
  parameters.wa = 1.5;
  EXPECT_THROW(Background{parameters}, Error);
  parameters = {};
  parameters.t_cmb = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THROW(Background{parameters}, Error);
}

TEST(Background, RedshiftOutOfRangeIsNamed) {
  const Background universe({});
  EXPECT_THROW(universe.growth(-1.0), Error);
  EXPECT_THROW(universe.growth(1e7), Error);
  EXPECT_THROW(universe.growth(std::numeric_limits<double>::quiet_NaN()), Error);
}

}  // namespace
}  // namespace phiscope
