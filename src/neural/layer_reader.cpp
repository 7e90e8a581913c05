#include "layer_reader.hpp"

#include <array>
#include <map>
#include <numeric>

namespace phiscope::neural {

bool ConvolutionSettings::covers(const SampleShape& input) const {
  for (const auto pad : padding) {
    if (pad != 0) return false;
  }
  return kernel == input.extents;
}

namespace {

using Inputs = std::span<const SampleShape>;

const SampleShape& only_input(const SettingsNode& node, Inputs inputs) {
  if (inputs.size() != 1) node.refuse("takes one input, but 'from' lists {}", inputs.size());
  return inputs.front();
}

const SampleShape& only_image(const SettingsNode& node, Inputs inputs) {
  const SampleShape& input = only_input(node, inputs);
  if (input.extents.empty()) node.refuse("needs an image or a volume, but its input is {}", input.text());
  return input;
}

/// Extents after a window of `kernel` went over the padded input in steps of `stride`.
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
    if (room % stride[i] != 0) {
      node.refuse("its input of {} does not fit: ({} + 2·{} − {}) is not divisible by the stride {}", input.text(),
                  input.extents[i], padding[i], kernel[i], stride[i]);
    }
    extents.push_back(room / stride[i] + 1);
  }
  return extents;
}

LayerReading read_convolution(const SettingsNode& node, Inputs inputs) {
  static constexpr std::array<std::string_view, 6> keys{"channels", "kernel",       "stride",
                                                        "padding",  "padding_mode", "bias"};
  static const std::array<std::string, 2> padding_modes{"zeros", "circular"};
  static const std::array<std::string, 3> bias_choices{"auto", "true", "false"};
  node.allow_only(keys);
  const SampleShape& input = only_image(node, inputs);
  const std::size_t rank = input.extents.size();
  ConvolutionSettings settings;
  settings.channels = node.whole("channels", 1);
  settings.kernel = node.wholes("kernel", rank, 1);
  settings.stride = node.wholes("stride", rank, 1, std::vector<std::int64_t>(rank, 1));
  settings.padding = node.wholes("padding", rank, 0, std::vector<std::int64_t>(rank, 0));
  settings.circular = node.choice("padding_mode", padding_modes) == "circular";
  settings.bias = node.choice("bias", bias_choices) != "false";
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

LayerReading read_batch_normalisation(const SettingsNode& node, Inputs inputs) {
  static constexpr std::array<std::string_view, 1> keys{"epsilon"};
  node.allow_only(keys);
  BatchNormalisationSettings settings;
  settings.epsilon = node.number("epsilon", settings.epsilon);
  if (settings.epsilon <= 0.0) node.refuse("'epsilon' is {}, but must be positive", settings.epsilon);
  return {settings, only_input(node, inputs)};
}

LayerReading read_leaky_relu(const SettingsNode& node, Inputs inputs) {
  static constexpr std::array<std::string_view, 1> keys{"slope"};
  node.allow_only(keys);
  const LeakyReluSettings settings{node.number("slope")};
  if (settings.slope < 0.0 || settings.slope >= 1.0) {
    node.refuse("'slope' is {}, but must be at least 0 and below 1", settings.slope);
  }
  return {settings, only_input(node, inputs)};
}

LayerReading read_relu(const SettingsNode& node, Inputs inputs) {
  node.allow_only({});
  return {LeakyReluSettings{0.0}, only_input(node, inputs)};
}

LayerReading read_pooling(const SettingsNode& node, Inputs inputs, bool maximum) {
  static constexpr std::array<std::string_view, 2> keys{"kernel", "stride"};
  node.allow_only(keys);
  const SampleShape& input = only_image(node, inputs);
  const std::size_t rank = input.extents.size();
  PoolingSettings settings;
  settings.maximum = maximum;
  settings.kernel = node.wholes("kernel", rank, 1);
  settings.stride = node.wholes("stride", rank, 1, settings.kernel);
  const std::vector<std::int64_t> no_padding(rank, 0);
  return {settings, {input.channels, window_extents(node, input, settings.kernel, settings.stride, no_padding)}};
}

LayerReading read_max_pooling(const SettingsNode& node, Inputs inputs) {
  return read_pooling(node, inputs, true);
}
LayerReading read_average_pooling(const SettingsNode& node, Inputs inputs) {
  return read_pooling(node, inputs, false);
}

LayerReading read_dense(const SettingsNode& node, Inputs inputs) {
  static constexpr std::array<std::string_view, 2> keys{"values", "bias"};
  static const std::array<std::string, 3> bias_choices{"auto", "true", "false"};
  node.allow_only(keys);
  const SampleShape& input = only_input(node, inputs);
  if (!input.extents.empty()) {
    node.refuse("needs a vector, but its input is {}: put a 'flatten' before it", input.text());
  }
  DenseSettings settings;
  settings.values = node.whole("values", 1);
  settings.bias = node.choice("bias", bias_choices) != "false";
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
      {"batch_normalisation", read_batch_normalisation},
      {"leaky_relu", read_leaky_relu},
      {"relu", read_relu},
      {"max_pooling", read_max_pooling},
      {"average_pooling", read_average_pooling},
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
