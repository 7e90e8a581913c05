#include "layer_reader.hpp"

#include <array>
#include <map>
#include <numeric>

#include "size_limits.hpp"

namespace phiscope::neural {

bool ConvolutionSettings::covers(const SampleShape& input) const {
  for (const auto pad : padding) {
    if (pad != 0) return false;
  }
  return kernel == input.extents;
}

bool leaves_bias_open(const SettingsNode& node) {
  return !node.has("bias") || node.words("bias") == std::vector<std::string>{"auto"};
}

namespace {

using Inputs = std::span<const SampleShape>;

/// Which point of a window was the largest is kept in one byte.
constexpr double largest_maximum_window = 256;
/// Where each point of a window lies is kept.
constexpr double largest_window = 1 << 24;

const SampleShape& only_input(const SettingsNode& node, Inputs inputs) {
  if (inputs.size() != 1) node.refuse("takes one input, but 'from' lists {}", inputs.size());
  return inputs.front();
}

const SampleShape& only_image(const SettingsNode& node, Inputs inputs) {
  const SampleShape& input = only_input(node, inputs);
  if (input.extents.empty()) node.refuse("needs an image or a volume, but its input is {}", input.text());
  return input;
}

bool reads_bias(const SettingsNode& node) {
  return leaves_bias_open(node) || node.flag("bias", true);
}

double read_epsilon(const SettingsNode& node, double otherwise) {
  const double epsilon = node.number("epsilon", otherwise);
  if (epsilon <= 0.0) node.refuse("'epsilon' is {}, but must be positive", epsilon);
  return epsilon;
}

/// Extents after a window of `kernel` went over the padded input in steps of `stride`. What the last window does not
/// reach must be padding.
std::vector<std::int64_t> window_extents(const SettingsNode& node, const SampleShape& input,
                                         const std::vector<std::int64_t>& kernel,
                                         const std::vector<std::int64_t>& stride,
                                         const std::vector<std::int64_t>& padding) {
  std::vector<std::int64_t> extents;
  for (std::size_t i = 0; i < kernel.size(); ++i) {
    const std::int64_t room = input.extents[i] + 2 * padding[i] - kernel[i];
    if (room < 0) {
      node.refuse("its input of {} with padding {} is smaller than the kernel {}", input.text(), padding[i], kernel[i]);
    }
    if (room % stride[i] > padding[i]) {
      node.refuse(
          "its input of {} does not fit: ({} + 2·{} − {}) is not divisible by the stride {}, and the windows would "
          "leave "
          "out points of the input",
          input.text(), input.extents[i], padding[i], kernel[i], stride[i]);
    }
    extents.push_back(room / stride[i] + 1);
  }
  return extents;
}

/// The extent of an output that is so many times that of the input. Refused before the product leaves 64 bits.
std::int64_t times(const SettingsNode& node, std::int64_t extent, std::int64_t factor) {
  const double product = static_cast<double>(extent) * static_cast<double>(factor);
  if (product > most_values)
    node.refuse("its output would be {:.4g} points wide, but may be {:.4g} at most", product, most_values);
  return extent * factor;
}

LayerReading read_convolution(const SettingsNode& node, Inputs inputs) {
  static constexpr std::array<std::string_view, 6> keys{"channels", "kernel",       "stride",
                                                        "padding",  "padding_mode", "bias"};
  static const std::array<std::string, 2> padding_modes{"zeros", "circular"};
  node.allow_only(keys);
  const SampleShape& input = only_image(node, inputs);
  const std::size_t rank = input.extents.size();
  ConvolutionSettings settings;
  settings.channels = node.whole("channels", 1);
  settings.kernel = node.wholes("kernel", rank, 1);
  settings.stride = node.wholes("stride", rank, 1, std::vector<std::int64_t>(rank, 1));
  settings.padding = node.wholes("padding", rank, 0, std::vector<std::int64_t>(rank, 0));
  settings.circular = node.choice("padding_mode", padding_modes) == "circular";
  settings.bias = reads_bias(node);
  for (std::size_t i = 0; i < rank; ++i) {
    if (settings.padding[i] >= settings.kernel[i]) {
      node.refuse("padding {} must be smaller than the kernel {}", settings.padding[i], settings.kernel[i]);
    }
    if (settings.circular && settings.padding[i] > input.extents[i]) {
      node.refuse("circular padding {} is wider than its input of {}", settings.padding[i], input.text());
    }
  }
  SampleShape output{settings.channels,
                     window_extents(node, input, settings.kernel, settings.stride, settings.padding)};
  return {settings, output};
}

LayerReading read_transposed_convolution(const SettingsNode& node, Inputs inputs) {
  static constexpr std::array<std::string_view, 6> keys{"channels", "kernel",         "stride",
                                                        "padding",  "output_padding", "bias"};
  node.allow_only(keys);
  const SampleShape& input = only_image(node, inputs);
  const std::size_t rank = input.extents.size();
  const std::vector<std::int64_t> none(rank, 0);
  TransposedConvolutionSettings settings;
  settings.channels = node.whole("channels", 1);
  settings.kernel = node.wholes("kernel", rank, 1);
  settings.stride = node.wholes("stride", rank, 1, std::vector<std::int64_t>(rank, 1));
  settings.padding = node.wholes("padding", rank, 0, none);
  settings.output_padding = node.wholes("output_padding", rank, 0, none);
  settings.bias = reads_bias(node);
  SampleShape output{settings.channels, {}};
  for (std::size_t i = 0; i < rank; ++i) {
    if (settings.output_padding[i] >= settings.stride[i]) {
      node.refuse("output_padding {} must be smaller than the stride {}", settings.output_padding[i],
                  settings.stride[i]);
    }
    const std::int64_t extent = times(node, input.extents[i] - 1, settings.stride[i]) - 2 * settings.padding[i] +
                                settings.kernel[i] + settings.output_padding[i];
    if (settings.padding[i] >= settings.kernel[i] || extent < 1) {
      node.refuse("padding {} is too wide for the kernel {} on its input of {}", settings.padding[i],
                  settings.kernel[i], input.text());
    }
    output.extents.push_back(extent);
  }
  return {settings, output};
}

LayerReading read_batch_normalisation(const SettingsNode& node, Inputs inputs) {
  static constexpr std::array<std::string_view, 1> keys{"epsilon"};
  node.allow_only(keys);
  BatchNormalisationSettings settings;
  settings.epsilon = read_epsilon(node, settings.epsilon);
  return {settings, only_input(node, inputs)};
}

LayerReading read_instance_normalisation(const SettingsNode& node, Inputs inputs) {
  static constexpr std::array<std::string_view, 2> keys{"epsilon", "affine"};
  node.allow_only(keys);
  InstanceNormalisationSettings settings;
  settings.epsilon = read_epsilon(node, settings.epsilon);
  settings.affine = node.flag("affine", settings.affine);
  const SampleShape& input = only_image(node, inputs);
  if (input.values() == input.channels) node.refuse("has one point per channel in its input of {}", input.text());
  return {settings, input};
}

LayerReading read_leaky_relu(const SettingsNode& node, Inputs inputs) {
  static constexpr std::array<std::string_view, 1> keys{"slope"};
  node.allow_only(keys);
  const ActivationSettings settings{Activation::leaky_relu, node.number("slope"), 1.0};
  if (settings.slope < 0.0 || settings.slope >= 1.0) {
    node.refuse("'slope' is {}, but must be at least 0 and below 1", settings.slope);
  }
  return {settings, only_input(node, inputs)};
}

template <Activation function>
LayerReading read_activation(const SettingsNode& node, Inputs inputs) {
  node.allow_only({});
  return {ActivationSettings{function, 0.0, 1.0}, only_input(node, inputs)};
}

LayerReading read_tanh(const SettingsNode& node, Inputs inputs) {
  static constexpr std::array<std::string_view, 1> keys{"scale"};
  node.allow_only(keys);
  const ActivationSettings settings{Activation::tanh, 0.0, node.number("scale", 1.0)};
  if (settings.scale <= 0.0) node.refuse("'scale' is {}, but must be positive", settings.scale);
  return {settings, only_input(node, inputs)};
}

LayerReading read_prelu(const SettingsNode& node, Inputs inputs) {
  static constexpr std::array<std::string_view, 1> keys{"per_channel"};
  node.allow_only(keys);
  return {PreluSettings{node.flag("per_channel", false)}, only_input(node, inputs)};
}

LayerReading read_softmax(const SettingsNode& node, Inputs inputs) {
  node.allow_only({});
  return {SoftmaxSettings{}, only_input(node, inputs)};
}

LayerReading read_pooling(const SettingsNode& node, Inputs inputs, bool maximum) {
  static constexpr std::array<std::string_view, 3> keys{"kernel", "stride", "padding"};
  node.allow_only(keys);
  const SampleShape& input = only_image(node, inputs);
  const std::size_t rank = input.extents.size();
  PoolingSettings settings;
  settings.maximum = maximum;
  settings.kernel = node.wholes("kernel", rank, 1);
  settings.stride = node.wholes("stride", rank, 1, settings.kernel);
  settings.padding = node.wholes("padding", rank, 0, std::vector<std::int64_t>(rank, 0));
  double window = 1.0;
  for (std::size_t i = 0; i < rank; ++i) {
    if (2 * settings.padding[i] > settings.kernel[i]) {
      node.refuse("padding {} must be at most half of the kernel {}", settings.padding[i], settings.kernel[i]);
    }
    window *= static_cast<double>(settings.kernel[i]);
  }
  if (window > largest_window) {
    node.refuse("its window has {} points, but may have {}: take global_average_pooling", window, largest_window);
  }
  if (maximum && window > largest_maximum_window) {
    node.refuse("its window has {} points, but may have {}: pool twice, or take global_max_pooling", window,
                largest_maximum_window);
  }
  return {settings, {input.channels, window_extents(node, input, settings.kernel, settings.stride, settings.padding)}};
}

LayerReading read_max_pooling(const SettingsNode& node, Inputs inputs) {
  return read_pooling(node, inputs, true);
}
LayerReading read_average_pooling(const SettingsNode& node, Inputs inputs) {
  return read_pooling(node, inputs, false);
}

template <bool maximum>
LayerReading read_global_pooling(const SettingsNode& node, Inputs inputs) {
  node.allow_only({});
  return {GlobalPoolingSettings{maximum}, {only_image(node, inputs).channels, {}}};
}

LayerReading read_upsampling(const SettingsNode& node, Inputs inputs) {
  static constexpr std::array<std::string_view, 3> keys{"factor", "mode", "padding_mode"};
  static const std::array<std::string, 2> modes{"nearest", "linear"};
  static const std::array<std::string, 2> padding_modes{"edge", "circular"};
  node.allow_only(keys);
  const SampleShape& input = only_image(node, inputs);
  UpsamplingSettings settings;
  settings.factor = node.wholes("factor", input.extents.size(), 1);
  settings.linear = node.choice("mode", modes) == "linear";
  settings.circular = node.choice("padding_mode", padding_modes) == "circular";
  SampleShape output = input;
  for (std::size_t i = 0; i < settings.factor.size(); ++i)
    output.extents[i] = times(node, output.extents[i], settings.factor[i]);
  return {settings, output};
}

LayerReading read_dense(const SettingsNode& node, Inputs inputs) {
  static constexpr std::array<std::string_view, 2> keys{"values", "bias"};
  node.allow_only(keys);
  const SampleShape& input = only_input(node, inputs);
  if (!input.extents.empty()) {
    node.refuse("needs a vector, but its input is {}: put a 'flatten' before it", input.text());
  }
  DenseSettings settings;
  settings.values = node.whole("values", 1);
  settings.bias = reads_bias(node);
  return {settings, {settings.values, {}}};
}

LayerReading read_dropout(const SettingsNode& node, Inputs inputs) {
  static constexpr std::array<std::string_view, 1> keys{"probability"};
  node.allow_only(keys);
  const DropoutSettings settings{node.number("probability")};
  if (settings.probability < 0.0 || settings.probability >= 1.0) {
    node.refuse("'probability' is {}, but must be at least 0 and below 1", settings.probability);
  }
  return {settings, only_input(node, inputs)};
}

LayerReading read_flatten(const SettingsNode& node, Inputs inputs) {
  node.allow_only({});
  return {FlattenSettings{}, {only_input(node, inputs).values(), {}}};
}

LayerReading read_add(const SettingsNode& node, Inputs inputs) {
  node.allow_only({});
  if (inputs.size() < 2) node.refuse("needs at least two inputs: list them in 'from'");
  for (const auto& input : inputs) {
    if (input != inputs.front()) {
      node.refuse("its inputs differ in shape: {} and {}", inputs.front().text(), input.text());
    }
  }
  return {AddSettings{}, inputs.front()};
}

LayerReading read_concatenate(const SettingsNode& node, Inputs inputs) {
  node.allow_only({});
  if (inputs.size() < 2) node.refuse("needs at least two inputs: list them in 'from'");
  SampleShape output{0, inputs.front().extents};
  for (const auto& input : inputs) {
    if (input.extents != output.extents) {
      node.refuse("its inputs differ in extents: {} and {}", inputs.front().text(), input.text());
    }
    output.channels += input.channels;
  }
  return {ConcatenateSettings{}, output};
}

using Reader = LayerReading (*)(const SettingsNode&, Inputs);

const std::map<std::string, Reader>& readers() {
  static const std::map<std::string, Reader> table{
      {"convolution", read_convolution},
      {"transposed_convolution", read_transposed_convolution},
      {"batch_normalisation", read_batch_normalisation},
      {"instance_normalisation", read_instance_normalisation},
      {"relu", read_activation<Activation::leaky_relu>},
      {"leaky_relu", read_leaky_relu},
      {"prelu", read_prelu},
      {"elu", read_activation<Activation::elu>},
      {"selu", read_activation<Activation::selu>},
      {"gelu", read_activation<Activation::gelu>},
      {"sigmoid", read_activation<Activation::sigmoid>},
      {"tanh", read_tanh},
      {"softmax", read_softmax},
      {"max_pooling", read_max_pooling},
      {"average_pooling", read_average_pooling},
      {"global_max_pooling", read_global_pooling<true>},
      {"global_average_pooling", read_global_pooling<false>},
      {"upsampling", read_upsampling},
      {"dense", read_dense},
      {"dropout", read_dropout},
      {"flatten", read_flatten},
      {"add", read_add},
      {"concatenate", read_concatenate},
  };
  return table;
}

}  // namespace

std::span<const std::string> layer_kinds() {
  static const std::vector<std::string> kinds = [] {
    std::vector<std::string> names;
    for (const auto& [name, reader] : readers()) names.push_back(name);
    return names;
  }();
  return kinds;
}

LayerReading read_layer(const std::string& kind, const SettingsNode& node, std::span<const SampleShape> inputs) {
  return readers().at(kind)(node, inputs);
}

}  // namespace phiscope::neural
