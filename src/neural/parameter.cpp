#include "parameter.hpp"

#include <algorithm>

namespace phiscope::neural {

std::int64_t Parameter::count() const {
  std::int64_t product = 1;
  for (const auto extent : shape) product *= extent;
  return product;
}

Parameter weight_parameter(std::int64_t outputs, std::int64_t inputs, std::span<const std::int64_t> extents,
                           std::size_t size) {
  Parameter weight;
  weight.name = "weight";
  weight.shape = {outputs, inputs};
  weight.shape.insert(weight.shape.end(), extents.begin(), extents.end());
  weight.size = size;
  weight.start = Parameter::Start::he_normal;
  weight.fan_in = weight.count() / outputs;
  return weight;
}

Parameter channel_parameter(const std::string& name, std::int64_t channels, std::int64_t padded,
                            Parameter::Start start) {
  Parameter parameter;
  parameter.name = name;
  parameter.shape = {channels};
  parameter.size = static_cast<std::size_t>(padded);
  parameter.start = start;
  parameter.pack = [channels, padded](const float* plain, float* stored) {
    std::fill(std::copy_n(plain, channels, stored), stored + padded, 0.0F);
  };
  parameter.unpack = [channels](const float* stored, float* plain) { std::copy_n(stored, channels, plain); };
  return parameter;
}

}  // namespace phiscope::neural
