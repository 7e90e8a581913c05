#include "phiscope/simulation/gaussian_field.hpp"

#include <fftw3.h>

#include <cmath>
#include <complex>
#include <mutex>

#include "phiscope/base/random.hpp"

namespace phiscope {
namespace {

/// Wave numbers as one number, whatever the grid.
std::uint64_t key_of(std::int64_t n0, std::int64_t n1, std::int64_t n2) {
  constexpr std::int64_t offset = std::int64_t{1} << 20U;
  const auto part = [](std::int64_t n) { return static_cast<std::uint64_t>(n + offset); };
  return part(n0) << 42U | part(n1) << 21U | part(n2);
}

/// Calls visit(n0, n1, n2, squared) for one of each pair of conjugate modes with 0 < |n| ≤ N/2 − 1; n0 is 0 in a map.
template <class Visit>
void for_each_pair(int axes, std::int64_t n, Visit&& visit) {
  const std::int64_t most = n / 2 - 1, planes = axes == 3 ? most : 0;
  for (std::int64_t n0 = -planes; n0 <= planes; ++n0)
    for (std::int64_t n1 = -most; n1 <= most; ++n1)
      for (std::int64_t n2 = 0; n2 <= most; ++n2) {
        const std::int64_t squared = n0 * n0 + n1 * n1 + n2 * n2;
        const bool is_first = n2 > 0 || n1 > 0 || (n1 == 0 && n0 > 0);
        if (is_first && squared <= most * most) visit(n0, n1, n2, squared);
      }
}

/// FFTW's planner is not to be called by two threads at once.
std::mutex& planner() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

GaussianModes::GaussianModes(int axes, std::int64_t n, std::uint64_t seed, std::uint64_t realisation)
    : axes_(axes), n_(n) {
  const std::int64_t half = n / 2 + 1;
  const auto place = [&](std::int64_t n0, std::int64_t n1, std::int64_t n2) {
    const auto wrapped = [&](std::int64_t m) { return m < 0 ? m + n : m; };
    return static_cast<std::size_t>((wrapped(n0) * n + wrapped(n1)) * half + n2);
  };
  for_each_pair(axes, n, [&](std::int64_t n0, std::int64_t n1, std::int64_t n2, std::int64_t squared) {
    RandomStream random(RandomPurpose::gaussian_field, seed, realisation, key_of(n0, n1, n2));
    const double real = std::sqrt(0.5) * random.normal(), imaginary = std::sqrt(0.5) * random.normal();
    const std::size_t here = place(n0, n1, n2);
    modes_.push_back({here, n2 == 0 ? place(-n0, -n1, 0) : here, squared, real, imaginary});
  });
}

std::vector<double> GaussianModes::field(const PowerOfMode& power, double volume) const {
  const auto half = static_cast<std::size_t>(n_ / 2 + 1), n = static_cast<std::size_t>(n_);
  const std::size_t rows = axes_ == 3 ? n * n : n;
  std::vector<std::complex<double>> spectrum(rows * half);
  std::vector<double> amplitude(static_cast<std::size_t>((n_ / 2) * (n_ / 2) + 1), -1.0);
  for (const Mode& mode : modes_) {
    double& of_shell = amplitude[static_cast<std::size_t>(mode.squared)];
    // ⟨|φ_k|²⟩ = P V with φ(x) = 1/V Σ φ_k e^{ikx}: FFTW's inverse is not normalised.
    if (of_shell < 0) of_shell = std::sqrt(power(mode.squared) / volume);
    spectrum[mode.place] = {of_shell * mode.real, of_shell * mode.imaginary};
    if (mode.mirror != mode.place) spectrum[mode.mirror] = std::conj(spectrum[mode.place]);
  }
  std::vector<double> field(rows * n);
  const auto side = static_cast<int>(n_);
  auto* const in = reinterpret_cast<fftw_complex*>(spectrum.data());
  fftw_plan plan = nullptr;
  {
    const std::scoped_lock lock(planner());
    plan = axes_ == 3 ? fftw_plan_dft_c2r_3d(side, side, side, in, field.data(), FFTW_ESTIMATE)
                      : fftw_plan_dft_c2r_2d(side, side, in, field.data(), FFTW_ESTIMATE);
  }
  fftw_execute(plan);
  const std::scoped_lock lock(planner());
  fftw_destroy_plan(plan);
  return field;
}

std::int64_t GaussianModes::degrees_of_freedom(int axes, std::int64_t n) {
  std::int64_t count = 0;
  for_each_degree(axes, n, [&](std::int64_t) { ++count; });
  return count;
}

void GaussianModes::for_each_degree(int axes, std::int64_t n, const std::function<void(std::int64_t)>& visit) {
  for_each_pair(axes, n, [&](std::int64_t, std::int64_t, std::int64_t, std::int64_t squared) {
    visit(squared);
    visit(squared);
  });
}

}  // namespace phiscope
