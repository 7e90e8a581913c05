#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace phiscope::neural {

/// A tensor in plain row-major layout under a readable name ("convolution_3.weight"), as files hold it.
struct NamedTensor {
  std::string name;
  std::vector<std::int64_t> shape;
  std::vector<float> values;
};

}  // namespace phiscope::neural
