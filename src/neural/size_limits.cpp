#include "size_limits.hpp"

#include <algorithm>
#include <numeric>

namespace phiscope::neural {
namespace {

/// Operations of a sample's forward pass: years of any machine.
constexpr double most_operations = 1e18;

double product(double start, std::span<const std::int64_t> factors) {
  return std::accumulate(factors.begin(), factors.end(), start,
                         [](double so_far, std::int64_t factor) { return so_far * static_cast<double>(factor); });
}

/// The weights of the layers that multiply with a matrix of them; of others there are as few as channels.
double count_weights(const LayerSettings& settings, const SampleShape& input) {
  if (const auto* convolution = std::get_if<ConvolutionSettings>(&settings))
    return product(static_cast<double>(input.channels) * static_cast<double>(convolution->channels),
                   convolution->kernel);
  if (const auto* transposed = std::get_if<TransposedConvolutionSettings>(&settings))
    return product(static_cast<double>(input.channels) * static_cast<double>(transposed->channels), transposed->kernel);
  if (const auto* dense = std::get_if<DenseSettings>(&settings))
    return count_values(input) * static_cast<double>(dense->values);
  return 0.0;
}

}  // namespace

double count_values(const SampleShape& shape) {
  return product(static_cast<double>(shape.channels), shape.extents);
}

void check_size(const SettingsNode& node, const LayerReading& layer, std::span<const SampleShape> inputs) {
  const double values = count_values(layer.output);
  if (values > most_values)
    node.refuse("its output of {} has {:.4g} values for a sample, but may have {:.4g} at most", layer.output.text(),
                values, most_values);
  const double weights = count_weights(layer.settings, inputs.front());
  if (weights > most_values) node.refuse("it has {:.4g} weights, but may have {:.4g} at most", weights, most_values);
  // A transposed convolution uses each weight once for each point of its input.
  const double points = std::max(values / static_cast<double>(layer.output.channels),
                                 count_values(inputs.front()) / static_cast<double>(inputs.front().channels));
  if (2.0 * weights * points > most_operations)
    node.refuse("it takes {:.4g} operations for a sample, but may take {:.4g} at most", 2.0 * weights * points,
                most_operations);
}

}  // namespace phiscope::neural
