#include "phiscope/simulation/parameter_draws.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include "phiscope/base/error.hpp"
#include "phiscope/base/random.hpp"

namespace phiscope {
namespace {

/// Of one dimension of a Sobol sequence: the degree and coefficients of its primitive polynomial, and the first
/// direction numbers (Joe & Kuo 2008, SIAM J. Sci. Comput. 30, 2635: new-joe-kuo-6).
struct SobolDimension {
  unsigned degree, coefficients;
  std::array<std::uint32_t, 5> first;
};

constexpr std::array<SobolDimension, 9> dimensions{{{1, 0, {1}},
                                                    {2, 1, {1, 3}},
                                                    {3, 1, {1, 3, 1}},
                                                    {3, 2, {1, 1, 1}},
                                                    {4, 1, {1, 1, 3, 3}},
                                                    {4, 4, {1, 3, 5, 13}},
                                                    {5, 2, {1, 1, 5, 5, 17}},
                                                    {5, 4, {1, 1, 5, 5, 5}},
                                                    {5, 7, {1, 1, 7, 11, 19}}}};
constexpr unsigned bits = 32;

std::array<std::uint32_t, bits> directions(std::size_t dimension) {
  std::array<std::uint32_t, bits> v{};
  if (dimension == 0) {
    for (unsigned i = 0; i < bits; ++i) v[i] = std::uint32_t{1} << (bits - 1 - i);
    return v;
  }
  const SobolDimension& d = dimensions[dimension - 1];
  for (unsigned i = 0; i < d.degree; ++i) v[i] = d.first[i] << (bits - 1 - i);
  for (unsigned i = d.degree; i < bits; ++i) {
    v[i] = v[i - d.degree] ^ (v[i - d.degree] >> d.degree);
    for (unsigned k = 1; k < d.degree; ++k)
      if (((d.coefficients >> (d.degree - 1 - k)) & 1U) != 0) v[i] ^= v[i - k];
  }
  return v;
}

/// Point `index` of a dimension, from 0 to 1.
double sobol(const std::array<std::uint32_t, bits>& v, std::uint64_t index, std::uint32_t shift) {
  std::uint32_t x = shift;
  for (unsigned i = 0; i < bits && index >> i != 0; ++i)
    if ((index >> i & 1U) != 0) x ^= v[i];
  constexpr double cells = 4294967296.0;
  return (static_cast<double>(x) + 0.5) / cells;
}

/// Of each row and parameter, from 0 to 1.
std::vector<double> unit_values(const SimulateSettings& settings, std::size_t rows, std::size_t columns) {
  std::vector<double> unit(rows * columns);
  for (std::size_t c = 0; c < columns; ++c) {
    RandomStream random(RandomPurpose::parameters, settings.seed, c);
    if (settings.sampling == Sampling::sobol) {
      const auto v = directions(c);
      const auto shift = static_cast<std::uint32_t>(random.bits());
      for (std::size_t row = 0; row < rows; ++row) unit[row * columns + c] = sobol(v, row, shift);
    } else if (settings.sampling == Sampling::latin_hypercube) {
      std::vector<std::size_t> interval(rows);
      std::iota(interval.begin(), interval.end(), std::size_t{0});
      random.shuffle(std::span<std::size_t>(interval));
      for (std::size_t row = 0; row < rows; ++row)
        unit[row * columns + c] = (static_cast<double>(interval[row]) + random.uniform()) / static_cast<double>(rows);
    } else {
      for (std::size_t row = 0; row < rows; ++row) unit[row * columns + c] = random.uniform();
    }
  }
  return unit;
}

ParameterDraws grid_of(const SimulateSettings& settings) {
  ParameterDraws draws;
  std::size_t rows = 1;
  std::vector<const ParameterRange*> ranges;
  for (const auto& [name, range] : settings.parameters) {
    if (range.count < 2)
      fail("simulate.parameters.{}: a grid needs a number of values, two or more, as in [{}, {}, 10]", name,
           range.lowest, range.highest);
    constexpr std::size_t most = 100'000'000;
    if (rows > most / static_cast<std::size_t>(range.count))
      fail("simulate.parameters: the grid has more than {} points", most);
    rows *= static_cast<std::size_t>(range.count);
    draws.names.push_back(name);
    ranges.push_back(&range);
  }
  for (std::size_t row = 0; row < rows; ++row) {
    std::size_t rest = row, below = rows;
    for (const ParameterRange* range : ranges) {
      const auto count = static_cast<std::size_t>(range->count);
      below /= count;
      const std::size_t place = rest / below;
      const double part = static_cast<double>(place) / static_cast<double>(count - 1);
      rest %= below;
      draws.values.push_back(range->lowest + part * (range->highest - range->lowest));
    }
  }
  return draws;
}

}  // namespace

double ParameterDraws::value(std::size_t row, const std::string& name, double fallback) const {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return fallback;
  return values[row * names.size() + static_cast<std::size_t>(found - names.begin())];
}

bool ParameterDraws::has(const std::string& name) const {
  return std::find(names.begin(), names.end(), name) != names.end();
}

ParameterDraws draw_parameters(const SimulateSettings& settings) {
  for (const auto& [name, range] : settings.parameters)
    if (!(range.highest > range.lowest))
      fail("simulate.parameters.{}: the range is from {} to {}, expected the lower value first", name, range.lowest,
           range.highest);
  if (settings.sampling == Sampling::grid) return grid_of(settings);
  ParameterDraws draws;
  for (const auto& [name, range] : settings.parameters) draws.names.push_back(name);
  const std::size_t columns = draws.names.size();
  if (settings.sampling == Sampling::sobol && columns > dimensions.size() + 1)
    fail("simulate.sampling is sobol, which has {} dimensions here, but there are {} parameters: take latin_hypercube",
         dimensions.size() + 1, columns);
  const auto rows = static_cast<std::size_t>(settings.simulations);
  const auto unit = unit_values(settings, rows, columns);
  for (std::size_t row = 0; row < rows; ++row) {
    std::size_t c = 0;
    for (const auto& [name, range] : settings.parameters)
      draws.values.push_back(range.lowest + unit[row * columns + c++] * (range.highest - range.lowest));
  }
  return draws;
}

}  // namespace phiscope
