#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace phiscope::neural {

/// The shape of one sample, or of one sample's activations: channels × extents, row-major.
/// Extents are two (images: height, width), three (volumes: depth, height, width) or none (a vector of `channels`).
struct SampleShape {
  std::int64_t channels = 1;
  std::vector<std::int64_t> extents;

  /// channels × the product of the extents.
  std::int64_t values() const;
  /// "16 channels of 4×4", or "512 values" for a vector.
  std::string text() const;

  bool operator==(const SampleShape&) const = default;
};

}  // namespace phiscope::neural
