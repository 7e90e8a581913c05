#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "phiscope/neural/sample_shape.hpp"

namespace phiscope::neural {

/// Cross-correlation. One number per extent in kernel, stride and padding.
struct ConvolutionSettings {
  std::int64_t channels = 1;
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> stride;
  std::vector<std::int64_t> padding;
  bool circular = false;  ///< what the padding holds: the opposite side of a periodic field, or zeros
  bool bias = true;

  /// The kernel covers the whole input, so that one point comes out.
  bool covers(const SampleShape& input) const;
};

/// Normalises every channel over batch and extents (Ioffe & Szegedy 2015), then scales and shifts it.
struct BatchNormalisationSettings {
  double epsilon = 1e-5;
};

/// x where x > 0, slope·x elsewhere.
struct LeakyReluSettings {
  double slope = 0.0;
};

struct PoolingSettings {
  bool maximum = true;  ///< or the average
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> stride;
};

struct DenseSettings {
  std::int64_t values = 1;
  bool bias = true;
};

/// Zeroes each value with this probability and scales the others by 1/(1 − probability), in training only.
struct DropoutSettings {
  double probability = 0.0;
};

struct FlattenSettings {};
struct AddSettings {};
struct ConcatenateSettings {};

using LayerSettings = std::variant<ConvolutionSettings, BatchNormalisationSettings, LeakyReluSettings, PoolingSettings,
                                   DenseSettings, DropoutSettings, FlattenSettings, AddSettings, ConcatenateSettings>;

/// One layer of a network: what it does, to what, and what comes out.
struct LayerDescription {
  /// An input that is the network's own input, not a layer.
  static constexpr int network_input = -1;

  std::string kind;         ///< as in the file: "convolution", "leaky_relu", …
  std::string path;         ///< unique: position in the expanded list and kind, "3.convolution"
  std::string name;         ///< the file's own label, empty where it gives none
  int line = 0;             ///< of the network file
  std::vector<int> inputs;  ///< positions of the layers it reads, or network_input
  LayerSettings settings;
  SampleShape output;
};

}  // namespace phiscope::neural
