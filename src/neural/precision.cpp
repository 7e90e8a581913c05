#include "phiscope/neural/precision.hpp"

namespace phiscope::neural {

const std::vector<std::pair<std::string, Precision>>& precision_names() {
  static const std::vector<std::pair<std::string, Precision>> names{{"float32", Precision::float32},
                                                                    {"bfloat16", Precision::bfloat16}};
  return names;
}

}  // namespace phiscope::neural
