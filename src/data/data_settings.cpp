#include "phiscope/data/data_settings.hpp"

namespace phiscope {

const std::vector<std::pair<std::string, Scaling>>& scaling_names() {
  static const std::vector<std::pair<std::string, Scaling>> names{{"standard", Scaling::standard},
                                                                  {"min_max", Scaling::min_max},
                                                                  {"symmetric", Scaling::symmetric},
                                                                  {"log", Scaling::log},
                                                                  {"none", Scaling::none}};
  return names;
}

}  // namespace phiscope
