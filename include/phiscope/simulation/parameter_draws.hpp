#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "phiscope/simulation/simulate_settings.hpp"

namespace phiscope {

/// The parameters of simulations: names, and rows × names.
struct ParameterDraws {
  std::vector<std::string> names;
  std::vector<double> values;

  std::size_t rows() const noexcept { return names.empty() ? 0 : values.size() / names.size(); }
  /// Of one row, by name; `fallback` where there is no such parameter.
  double value(std::size_t row, const std::string& name, double fallback) const;
  bool has(const std::string& name) const;
};

/// Throws Error where a range is empty, or a Sobol sequence has no more dimensions. Of a grid the last parameter
/// changes fastest, and `simulations` is not asked.
ParameterDraws draw_parameters(const SimulateSettings& settings);

}  // namespace phiscope
