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

/// The transpose of a convolution with these settings, its weights channels of the input × channels × kernel. An extent
/// n becomes (n − 1)·stride − 2·padding + kernel + output_padding.
struct TransposedConvolutionSettings {
  std::int64_t channels = 1;
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> stride;
  std::vector<std::int64_t> padding;
  std::vector<std::int64_t> output_padding;
  bool bias = true;
};

/// Normalises every channel over batch and extents (Ioffe & Szegedy 2015), then multiplies by a weight and adds a bias.
struct BatchNormalisationSettings {
  double epsilon = 1e-5;
};

/// Normalises every channel of every sample over its extents (Ulyanov et al. 2016, arXiv:1607.08022), in inference too.
struct InstanceNormalisationSettings {
  double epsilon = 1e-5;
  bool affine = true;  ///< a weight and a bias per channel
};

/// A function of every value alone. With x the value:
enum class Activation {
  leaky_relu,  ///< x where x > 0, slope·x elsewhere; slope 0 is the ReLU
  elu,         ///< x where x > 0, eˣ − 1 elsewhere (Clevert et al. 2016, arXiv:1511.07289)
  selu,        ///< elu with the two constants of Klambauer et al. 2017 (arXiv:1706.02515)
  gelu,        ///< x·Φ(x), Φ the normal distribution function (Hendrycks & Gimpel 2016, arXiv:1606.08415)
  sigmoid,     ///< 1/(1 + e⁻ˣ)
  tanh         ///< scale·tanh x
};
struct ActivationSettings {
  Activation function = Activation::leaky_relu;
  double slope = 0.0;
  double scale = 1.0;
};

/// A leaky ReLU whose slope is learned, from 0.25 on (He et al. 2015, arXiv:1502.01852).
struct PreluSettings {
  bool per_channel = false;  ///< or one slope for all
};

/// eˣ over its sum over the channels, at every point.
struct SoftmaxSettings {};

/// Padding counts as −∞ for the maximum, and as zeros for the average, which is over the whole window.
struct PoolingSettings {
  bool maximum = true;  ///< or the average
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> stride;
  std::vector<std::int64_t> padding;
};

/// Maximum or average over all points: a vector of channels comes out.
struct GlobalPoolingSettings {
  bool maximum = false;
};

/// Extents multiplied by whole factors. Points are centres of cells: point i of the finer grid lies at
/// (i + ½)/factor − ½ of the coarser one.
struct UpsamplingSettings {
  std::vector<std::int64_t> factor;
  bool linear = false;    ///< or the nearest point
  bool circular = false;  ///< beyond the edge lies the opposite side, or the edge's own value
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

using LayerSettings = std::variant<ConvolutionSettings, TransposedConvolutionSettings, BatchNormalisationSettings,
                                   InstanceNormalisationSettings, ActivationSettings, PreluSettings, SoftmaxSettings,
                                   PoolingSettings, GlobalPoolingSettings, UpsamplingSettings, DenseSettings,
                                   DropoutSettings, FlattenSettings, AddSettings, ConcatenateSettings>;

/// One layer of a network: what it does, to what, and what comes out.
struct LayerDescription {
  /// An input that is the network's own input, not a layer.
  static constexpr int network_input = -1;

  std::string kind;         ///< as in the file: "convolution", "leaky_relu", …
  std::string path;         ///< unique: kind and position in the expanded list, "convolution_3"
  std::string name;         ///< the file's own label, empty where it gives none
  int line = 0;             ///< of the network file
  std::vector<int> inputs;  ///< positions of the layers it reads, or network_input
  LayerSettings settings;
  SampleShape output;
};

}  // namespace phiscope::neural
