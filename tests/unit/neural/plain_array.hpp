#pragma once
// One sample in plain layout and double precision, for definitions written out as loops.
#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "phiscope/neural/sample_shape.hpp"

namespace phiscope::neural::test {

using Extents = std::array<std::int64_t, 3>;

/// A volume per channel; images have depth 1.
struct Array {
  std::int64_t channels;
  Extents extents;
  std::vector<double> values;

  Array(std::int64_t c, const Extents& e)
      : channels(c), extents(e), values(static_cast<std::size_t>(c * e[0] * e[1] * e[2])) {}
  double& at(std::int64_t c, std::int64_t z, std::int64_t y, std::int64_t x) {
    return values[static_cast<std::size_t>(((c * extents[0] + z) * extents[1] + y) * extents[2] + x)];
  }
  double at(std::int64_t c, std::int64_t z, std::int64_t y, std::int64_t x) const {
    return const_cast<Array*>(this)->at(c, z, y, x);
  }
};

inline Extents as_volume(const std::vector<std::int64_t>& extents, std::int64_t missing) {
  Extents result{missing, missing, missing};
  std::copy(extents.begin(), extents.end(), result.end() - static_cast<std::ptrdiff_t>(extents.size()));
  return result;
}

/// The value at a point that may lie outside: the periodic image, or zero.
inline double padded(const Array& a, std::int64_t c, Extents point, bool circular) {
  for (std::size_t i = 0; i < 3; ++i) {
    if (circular) point[i] = (point[i] + a.extents[i]) % a.extents[i];
    if (point[i] < 0 || point[i] >= a.extents[i]) return 0.0;
  }
  return a.at(c, point[0], point[1], point[2]);
}

inline Array sample_of(std::span<const float> batch, const SampleShape& shape, std::size_t sample) {
  Array array(shape.channels, as_volume(shape.extents, 1));
  const auto count = array.values.size();
  for (std::size_t i = 0; i < count; ++i) array.values[i] = static_cast<double>(batch[sample * count + i]);
  return array;
}

}  // namespace phiscope::neural::test
