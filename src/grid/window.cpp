#include "phiscope/grid/window.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <string>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/base/suggestion.hpp"

namespace phiscope {
namespace {

const std::array<std::string, 5> names{"none", "ngp", "cic", "tsc", "pcs"};

}  // namespace

Window parse_window(std::string_view text) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == text) return static_cast<Window>(i);
  const std::string near = nearest_word(text, names);
  fail("'{}' is not a window: use none, ngp, cic, tsc or pcs{}", text,
       near.empty() ? std::string() : " (did you mean '" + near + "'?)");
}

std::string_view window_name(Window window) {
  return names[static_cast<std::size_t>(window)];
}

std::vector<double> deconvolution_factors(Window window, const GridShape& shape) {
  std::vector<double> factors(static_cast<std::size_t>(shape.n), 1.0);
  for (std::int64_t index = 1; index < shape.n; ++index) {
    const double x = std::numbers::pi * static_cast<double>(shape.wave_number(index)) / static_cast<double>(shape.n);
    factors[static_cast<std::size_t>(index)] = std::pow(x / std::sin(x), static_cast<int>(window));
  }
  return factors;
}

template <class Real>
SpectralField<Real> deconvolve(SpectralField<Real> field, Window window) {
  if (window == Window::none) return field;
  const std::int64_t n = field.shape().n;
  const std::vector<double> factors = deconvolution_factors(window, field.shape());
  const auto along = [&](std::int64_t wave) { return factors[static_cast<std::size_t>(wave < 0 ? wave + n : wave)]; };
  field.for_each_row([&](std::int64_t n0, std::int64_t n1, auto row) {
    const double outer = along(n0) * along(n1);
    for (std::size_t n2 = 0; n2 < row.size(); ++n2) row[n2] *= static_cast<Real>(outer * factors[n2]);
  });
  return field;
}

template SpectralField<float> deconvolve(SpectralField<float>, Window);
template SpectralField<double> deconvolve(SpectralField<double>, Window);

}  // namespace phiscope
