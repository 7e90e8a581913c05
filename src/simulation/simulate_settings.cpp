#include "phiscope/simulation/simulate_settings.hpp"

namespace phiscope {

const std::vector<std::pair<std::string, Sampling>>& sampling_names() {
  static const std::vector<std::pair<std::string, Sampling>> names{{"sobol", Sampling::sobol},
                                                                   {"latin_hypercube", Sampling::latin_hypercube},
                                                                   {"grid", Sampling::grid},
                                                                   {"random", Sampling::random}};
  return names;
}

const std::vector<std::pair<std::string, MockSpectrum>>& mock_spectrum_names() {
  static const std::vector<std::pair<std::string, MockSpectrum>> names{{"linear", MockSpectrum::linear},
                                                                       {"power_law", MockSpectrum::power_law}};
  return names;
}

}  // namespace phiscope
