#pragma once
#include <span>
#include <string>
#include <vector>

#include "phiscope/neural/layer_description.hpp"
#include "settings_node.hpp"

namespace phiscope::neural {

/// Every kind of layer that a file may name.
std::span<const std::string> layer_kinds();

/// Whether the file leaves it to the network's plan if a layer has a bias: 'bias' absent or 'auto'.
bool leaves_bias_open(const SettingsNode& node);

/// Reads the settings of a layer of a known `kind` that takes `inputs`, and finds its output shape.
/// Throws Error through `node` on settings that are unknown or do not fit the inputs.
struct LayerReading {
  LayerSettings settings;
  SampleShape output;
};
LayerReading read_layer(const std::string& kind, const SettingsNode& node, std::span<const SampleShape> inputs);

}  // namespace phiscope::neural
