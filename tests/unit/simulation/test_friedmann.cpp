#include "phiscope/simulation/friedmann.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "../io/temporary_folder.hpp"

namespace phiscope {
namespace {

const FriedmannState today{0.3, 1e-4, 0.6999, 70.0};

TEST(Friedmann, TheIntegralIsTheExactSolution) {
  std::vector<double> ln_a;
  for (int i = 0; i <= 48; ++i) ln_a.push_back(-0.25 * i);
  for (const double matter : {0.1, 0.3, 0.9}) {
    const FriedmannState begin{matter, 1e-4, 1.0 - matter - 1e-4, 67.0};
    const auto states = integrate_friedmann(begin, ln_a);
    ASSERT_EQ(states.size(), ln_a.size());
    for (std::size_t i = 0; i < ln_a.size(); ++i) {
      const auto exact = exact_friedmann(begin, ln_a[i]);
      EXPECT_NEAR(states[i].omega_matter / exact.omega_matter, 1.0, 1e-8) << ln_a[i];
      EXPECT_NEAR(states[i].omega_radiation / exact.omega_radiation, 1.0, 1e-8) << ln_a[i];
      EXPECT_NEAR(states[i].omega_lambda / exact.omega_lambda, 1.0, 1e-8) << ln_a[i];
      EXPECT_NEAR(states[i].hubble / exact.hubble, 1.0, 1e-8) << ln_a[i];
    }
  }
}

TEST(Friedmann, OneStepToTheEndIsAsGoodAsMany) {
  const double end = -12.0;
  const auto state = integrate_friedmann(today, std::span(&end, 1)).front();
  EXPECT_NEAR(state.hubble / exact_friedmann(today, end).hubble, 1.0, 1e-8);
}

TEST(Friedmann, TheFutureIsReachedToo) {
  const std::vector<double> ln_a{0.0, 1.0, 3.0};
  const auto states = integrate_friedmann(today, ln_a);
  EXPECT_EQ(states[0].hubble, std::exp(std::log(today.hubble)));
  EXPECT_NEAR(states[2].omega_lambda, exact_friedmann(today, 3.0).omega_lambda, 1e-8);
  EXPECT_NEAR(states[2].omega_matter / exact_friedmann(today, 3.0).omega_matter, 1.0, 1e-8);
}

TEST(Friedmann, TheDensitiesAddUpToOne) {
  for (const double ln_a : {-12.0, -3.0, 0.0, 2.0}) {
    const auto state = exact_friedmann(today, ln_a);
    EXPECT_NEAR(state.omega_matter + state.omega_radiation + state.omega_lambda, 1.0, 1e-12);
  }
}

TEST(Friedmann, MatterAloneIsEinsteinDeSitter) {
  const double ln_a = -5.0;
  const auto state = integrate_friedmann({1, 0, 0, 70}, std::span(&ln_a, 1)).front();
  EXPECT_NEAR(state.hubble / (70.0 * std::exp(7.5)), 1.0, 1e-8);
  EXPECT_NEAR(state.omega_matter, 1.0, 1e-12);
}

TEST(Friedmann, ValuesThatTurnBackAreRefused) {
  const auto problem = [](const std::vector<double>& ln_a) {
    return test::error_of([&] { integrate_friedmann(today, ln_a); });
  };
  EXPECT_EQ(problem({0, -1, -1, -2}), "");
  EXPECT_EQ(problem({}), "");
  for (const std::vector<double>& ln_a : {std::vector<double>{-1, -2, -1.5}, {-1, -0.5}, {-1, 1}, {-1, -1, -0.5}})
    EXPECT_TRUE(test::contains(problem(ln_a), "expected one direction from 0")) << ln_a[1];
}

}  // namespace
}  // namespace phiscope
