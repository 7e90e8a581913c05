#include "phiscope/data/data_settings.hpp"

#include <cmath>

namespace phiscope {

const std::vector<std::pair<std::string, Scaling>>& scaling_names() {
  static const std::vector<std::pair<std::string, Scaling>> names{{"standard", Scaling::standard},
                                                                  {"min_max", Scaling::min_max},
                                                                  {"symmetric", Scaling::symmetric},
                                                                  {"log", Scaling::log},
                                                                  {"none", Scaling::none}};
  return names;
}

ShiftAndScale shift_and_scale(Scaling scaling, const ValueSummary& values) {
  const double half = 0.5 * (values.highest - values.lowest);
  switch (scaling) {
    case Scaling::standard:
    case Scaling::log:
      return {values.mean, std::sqrt(values.variance)};
    case Scaling::min_max:
      return {values.lowest, 2.0 * half};
    case Scaling::symmetric:
      return {values.lowest + half, half};
    case Scaling::none:
      break;
  }
  return {};
}

}  // namespace phiscope
