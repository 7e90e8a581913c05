#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/grid/window.hpp"
#include "sampled_field.hpp"

namespace phiscope {
namespace {

TEST(Window, NamesAreReadBack) {
  for (const char* text : {"none", "ngp", "cic", "tsc", "pcs"}) EXPECT_EQ(window_name(parse_window(text)), text);
}

TEST(Window, MisspeltNameIsAnsweredWithASuggestion) {
  try {
    parse_window("tcs");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("tsc"), std::string::npos) << error.what();
  }
}

TEST(Window, NyquistFactorIsHalfPiToTheOrder) {
  const GridShape shape{8, 1.0};
  const double half_pi = 0.5 * std::numbers::pi;
  EXPECT_EQ(deconvolution_factors(Window::none, shape)[4], 1.0);
  EXPECT_NEAR(deconvolution_factors(Window::ngp, shape)[4], half_pi, 1e-15);
  EXPECT_NEAR(deconvolution_factors(Window::cic, shape)[4], std::pow(half_pi, 2), 1e-14);
  EXPECT_NEAR(deconvolution_factors(Window::tsc, shape)[4], std::pow(half_pi, 3), 1e-14);
  EXPECT_NEAR(deconvolution_factors(Window::pcs, shape)[4], std::pow(half_pi, 4), 1e-14);
}

TEST(Window, FactorsAreOneAtZeroAndEvenInTheWaveNumber) {
  const auto factors = deconvolution_factors(Window::cic, {9, 1.0});
  EXPECT_EQ(factors[0], 1.0);
  for (std::size_t i = 1; i < 9; ++i) EXPECT_DOUBLE_EQ(factors[i], factors[9 - i]);
}

TEST(Window, DeconvolvedWaveGrowsByTheProductOverTheAxes) {
  const SlabLayout layout({8, 1.0}, Communicator::world());
  const auto phase = test::phase_of(8, -1, 2, 3);
  auto field = test::sampled_field<double>(layout, [&](auto... cell) { return std::cos(phase(cell...)); });
  const auto spectrum = deconvolve(FourierTransform<double>(layout).forward(std::move(field)), Window::tsc);
  const auto factor = [](double wave) {
    return std::pow(wave * std::numbers::pi / 8 / std::sin(wave * std::numbers::pi / 8), 3);
  };
  const auto* found = spectrum.find(-1, 2, 3);
  const double real = found != nullptr ? found->real() : 0.0;
  EXPECT_NEAR(layout.team().sum(real), 256.0 * factor(1) * factor(2) * factor(3), 1e-10);
}

}  // namespace
}  // namespace phiscope
