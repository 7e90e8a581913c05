#include "network_steps.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "add_layer.hpp"
#include "batch_normalisation_layer.hpp"
#include "concatenate_layer.hpp"
#include "convolution_layer.hpp"
#include "dense_layer.hpp"
#include "dropout_layer.hpp"
#include "flatten_layer.hpp"
#include "leaky_relu_layer.hpp"
#include "phiscope/base/log.hpp"
#include "pooling_layer.hpp"

namespace phiscope::neural {
namespace {

using Halo = std::array<std::int64_t, 3>;

/// More input channels than this are put in blocks; oneDNN has kernels that read so few from the plain layout.
constexpr std::int64_t plain_input_channels = 3;

template <class Settings>
const Settings* settings_of(const LayerDescription& layer) {
  return std::get_if<Settings>(&layer.settings);
}

class StepPlanner {
 public:
  StepPlanner(const NetworkDescription& description, std::int64_t batch, OneDnn& onednn)
      : description_(description), layers_(description.layers), batch_(batch), onednn_(onednn) {
    readers_.resize(layers_.size() + 1);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      for (const int source : layers_[i].inputs) readers_[slot(source)].push_back(i);
    }
  }

  NetworkSteps plan() {
    // The input's layout is settled by trying: a convolution of few channels, if it has fast kernels for the plain one.
    const bool convolutions_only = std::all_of(readers_[0].begin(), readers_[0].end(), [&](std::size_t reader) {
      return settings_of<ConvolutionSettings>(layers_[reader]) != nullptr && !covers_input(reader);
    });
    if (convolutions_only && description_.input.channels <= plain_input_channels) {
      if (auto steps = attempt(1)) return std::move(*steps);
    }
    return std::move(*attempt(OneDnn::channel_block()));
  }

 private:
  static std::size_t slot(int source) { return static_cast<std::size_t>(source + 1); }

  const SampleShape& shape_of(int source) const {
    return source == LayerDescription::network_input ? description_.input
                                                     : layers_[static_cast<std::size_t>(source)].output;
  }

  bool covers_input(std::size_t position) const {
    const auto* convolution = settings_of<ConvolutionSettings>(layers_[position]);
    return convolution != nullptr && convolution->covers(shape_of(layers_[position].inputs.front()));
  }

  /// The slope of the leaky ReLU that a batch normalisation does as well, or nothing.
  const LeakyReluSettings* fused_activation(std::size_t position) const {
    const auto& readers = readers_[position + 1];
    if (settings_of<BatchNormalisationSettings>(layers_[position]) == nullptr || readers.size() != 1) return nullptr;
    return settings_of<LeakyReluSettings>(layers_[readers.front()]);
  }

  bool is_fused_away(std::size_t position) const {
    const int source = layers_[position].inputs.front();
    return source >= 0 && settings_of<LeakyReluSettings>(layers_[position]) != nullptr &&
           fused_activation(static_cast<std::size_t>(source)) != nullptr;
  }

  /// The halo that a layer needs its input to have; nothing where any will do.
  std::optional<Halo> wanted_halo(std::size_t position) const {
    Halo halo{0, 0, 0};
    if (settings_of<DenseSettings>(layers_[position]) != nullptr) return halo;
    const auto* convolution = settings_of<ConvolutionSettings>(layers_[position]);
    if (convolution == nullptr) return std::nullopt;
    if (convolution->circular) {
      std::copy(convolution->padding.begin(), convolution->padding.end(),
                halo.end() - static_cast<std::ptrdiff_t>(convolution->padding.size()));
    }
    return halo;
  }

  /// The halo to write around the output of a layer (slot 0: around the input).
  Halo halo_of(std::size_t output_slot) const {
    const Halo none{0, 0, 0};
    if (output_slot > 0) {
      const auto& producer = layers_[output_slot - 1];
      const bool by_onednn = settings_of<ConvolutionSettings>(producer) != nullptr ||
                             settings_of<DenseSettings>(producer) != nullptr ||
                             settings_of<FlattenSettings>(producer) != nullptr;
      if (by_onednn) return none;
    }
    std::optional<Halo> common;
    for (const std::size_t reader : readers_[output_slot]) {
      const auto wanted = wanted_halo(reader);
      if (!wanted) continue;
      if (common && *common != *wanted) return none;
      common = wanted;
    }
    return common.value_or(none);
  }

  std::optional<NetworkSteps> attempt(std::int64_t input_block) {
    result_ = NetworkSteps();
    tensor_of_slot_.assign(layers_.size() + 1, 0);
    result_.tensors.emplace_back(description_.input, batch_, input_block, halo_of(0));
    for (std::size_t position = 0; position < layers_.size(); ++position) {
      if (is_fused_away(position)) continue;
      if (!add_step(position) && input_block == 1) return std::nullopt;
    }
    return std::move(result_);
  }

  /// Returns false when the layer reads the network's plain input and has no fast kernels for it.
  bool add_step(std::size_t position) {
    const auto& layer = layers_[position];
    NetworkStep step;
    step.position = position;
    step.path = layer.path;
    std::vector<TensorLayout> inputs;
    for (const int source : layer.inputs) {
      step.inputs.push_back(with_wanted_halo(tensor_of_slot_[slot(source)], wanted_halo(position)));
      inputs.push_back(result_.tensors[step.inputs.back()]);
    }
    const auto* activation = fused_activation(position);
    const std::size_t output_slot = activation != nullptr ? readers_[position + 1].front() + 1 : position + 1;
    const TensorLayout output(layer.output, batch_, OneDnn::channel_block(), halo_of(output_slot));
    step.layer = make_layer(position, inputs, output);
    step.output = result_.tensors.size();
    result_.tensors.push_back(output);
    tensor_of_slot_[output_slot] = step.output;
    const auto* convolution = dynamic_cast<const ConvolutionLayer*>(step.layer.get());
    const bool slow = convolution != nullptr && !convolution->optimised();
    if (slow && inputs.front().block() != 1) {
      log::debug("layer {} on {}: oneDNN has only slow reference kernels ({})", layer.path,
                 shape_of(layer.inputs[0]).text(), convolution->implementations());
    }
    result_.steps.push_back(std::move(step));
    return !slow || inputs.front().block() != 1;
  }

  /// The tensor itself where its halo is right, or a copy of it with the right one.
  std::size_t with_wanted_halo(std::size_t tensor, const std::optional<Halo>& wanted) {
    const TensorLayout layout = result_.tensors[tensor];
    if (!wanted || layout.halo() == *wanted) return tensor;
    NetworkStep step;
    const TensorLayout output = layout.with_halo(*wanted);
    step.layer = std::make_unique<AddLayer>(std::vector{layout}, output);
    step.inputs = {tensor};
    step.output = result_.tensors.size();
    result_.tensors.push_back(output);
    result_.steps.push_back(std::move(step));
    return result_.tensors.size() - 1;
  }

  std::unique_ptr<Layer> make_layer(std::size_t position, const std::vector<TensorLayout>& inputs,
                                    const TensorLayout& output) {
    const auto& layer = layers_[position];
    const TensorLayout& input = inputs.front();
    if (const auto* convolution = settings_of<ConvolutionSettings>(layer)) {
      if (covers_input(position)) return std::make_unique<DenseLayer>(input, output, convolution->bias);
      return std::make_unique<ConvolutionLayer>(onednn_, input, output, *convolution,
                                                "layer " + layer.path + " on " + shape_of(layer.inputs[0]).text());
    }
    if (const auto* normalisation = settings_of<BatchNormalisationSettings>(layer)) {
      const auto* activation = fused_activation(position);
      return std::make_unique<BatchNormalisationLayer>(input, output, normalisation->epsilon,
                                                       activation != nullptr ? activation->slope : 1.0);
    }
    if (const auto* relu = settings_of<LeakyReluSettings>(layer)) {
      return std::make_unique<LeakyReluLayer>(input, output, relu->slope);
    }
    if (const auto* pooling = settings_of<PoolingSettings>(layer)) {
      return std::make_unique<PoolingLayer>(input, output, *pooling);
    }
    if (const auto* dense = settings_of<DenseSettings>(layer)) {
      return std::make_unique<DenseLayer>(input, output, dense->bias);
    }
    if (const auto* dropout = settings_of<DropoutSettings>(layer)) {
      return std::make_unique<DropoutLayer>(input, output, dropout->probability, position);
    }
    if (settings_of<FlattenSettings>(layer) != nullptr) return std::make_unique<FlattenLayer>(input, output);
    if (settings_of<AddSettings>(layer) != nullptr) return std::make_unique<AddLayer>(inputs, output);
    return std::make_unique<ConcatenateLayer>(inputs, output);
  }

  const NetworkDescription& description_;
  const std::vector<LayerDescription>& layers_;
  std::int64_t batch_;
  OneDnn& onednn_;
  std::vector<std::vector<std::size_t>> readers_;  ///< of the input, then of each layer
  std::vector<std::size_t> tensor_of_slot_;
  NetworkSteps result_;
};

}  // namespace

NetworkSteps plan_steps(const NetworkDescription& description, std::int64_t batch, OneDnn& onednn) {
  return StepPlanner(description, batch, onednn).plan();
}

double weight_gain(const NetworkDescription& description, std::size_t position) {
  const auto& layers = description.layers;
  for (std::size_t next = position + 1; next < layers.size(); ++next) {
    const auto& inputs = layers[next].inputs;
    if (std::find(inputs.begin(), inputs.end(), static_cast<int>(position)) == inputs.end()) continue;
    if (const auto* relu = settings_of<LeakyReluSettings>(layers[next])) {
      return std::sqrt(2.0 / (1.0 + relu->slope * relu->slope));
    }
    if (settings_of<ConvolutionSettings>(layers[next]) != nullptr ||
        settings_of<DenseSettings>(layers[next]) != nullptr) {
      return 1.0;
    }
    position = next;
  }
  return 1.0;
}

}  // namespace phiscope::neural
