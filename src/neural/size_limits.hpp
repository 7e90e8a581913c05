#pragma once
#include <span>

#include "layer_reader.hpp"

namespace phiscope::neural {

/// The most values of a sample's activations, and the most weights, that a layer may have: 4 TiB of floats. Far below
/// what would no longer fit into 64 bits as products with a batch, padded channels and halos.
constexpr double most_values = 1099511627776.0;

/// The product of channels and extents, which may be beyond 64 bits.
double count_values(const SampleShape& shape);

/// Refuses, through `node`, a layer with more values in its output, more weights or more work than can be counted.
void check_size(const SettingsNode& node, const LayerReading& layer, std::span<const SampleShape> inputs);

}  // namespace phiscope::neural
