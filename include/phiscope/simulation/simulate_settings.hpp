#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace phiscope {

/// How the parameters of simulations are chosen within their ranges.
enum class Sampling {
  sobol,            ///< a Sobol sequence, shifted at random (Joe & Kuo 2008; up to ten parameters)
  latin_hypercube,  ///< one in each of as many intervals as there are simulations, along each parameter
  grid,             ///< all combinations of evenly spaced values
  random            ///< uniform
};

const std::vector<std::pair<std::string, Sampling>>& sampling_names();

/// Between which values a parameter lies.
struct ParameterRange {
  double lowest = 0, highest = 1;
  std::int64_t count = 0;  ///< of a grid: how many values, both ends among them
};

/// What the spectrum of mock fields is.
enum class MockSpectrum {
  linear,    ///< linear theory of the cosmology (Eisenstein & Hu 1998)
  power_law  ///< 1, times the parameters amplitude and tilt
};

const std::vector<std::pair<std::string, MockSpectrum>>& mock_spectrum_names();

/// The section `simulate` of a study. Where files go, and which seeds, redshifts and classes there are, the sections
/// `simulations` and `data` say.
struct SimulateSettings {
  std::string engine;  ///< a name of the table of engines; empty: none
  std::int64_t grid_size = 64;
  double box_size = 1000.0;  ///< Mpc/h
  std::uint64_t seed = 1;    ///< of parameters and phases of mocks that have no seeds of their own
  std::int64_t simulations = 100;
  std::map<std::string, ParameterRange> parameters;
  Sampling sampling = Sampling::sobol;
  MockSpectrum spectrum = MockSpectrum::linear;
  bool lognormal = false;    ///< of maps and cubes: exp(δ − σ²/2) in place of δ
  std::vector<double> band;  ///< of pairs: lowest and highest k, h/Mpc, in which gr differs; empty: as gevolution's
  double band_ratio = 1.01;  ///< P_gr/P_newton there
  double quadratic = 0.3;    ///< of fields: f of the target δ + f (δ² − 1), of δ in units of its deviation
  double omega_radiation = 1e-4;  ///< of friedmann: today
};

}  // namespace phiscope
