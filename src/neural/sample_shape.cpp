#include "phiscope/neural/sample_shape.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace phiscope::neural {

std::int64_t SampleShape::values() const {
  std::int64_t product = channels;
  for (const auto extent : extents) product *= extent;
  return product;
}

std::string SampleShape::text() const {
  if (extents.empty()) return fmt::format("{} value{}", channels, channels == 1 ? "" : "s");
  return fmt::format("{} channel{} of {}", channels, channels == 1 ? "" : "s", fmt::join(extents, "×"));
}

}  // namespace phiscope::neural
