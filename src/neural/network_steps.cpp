#include "network_steps.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "activation_layer.hpp"
#include "add_layer.hpp"
#include "batch_normalisation_layer.hpp"
#include "concatenate_layer.hpp"
#include "convolution_layer.hpp"
#include "dense_layer.hpp"
#include "dropout_layer.hpp"
#include "flatten_layer.hpp"
#include "global_pooling_layer.hpp"
#include "instance_normalisation_layer.hpp"
#include "leaky_relu_layer.hpp"
#include "phiscope/base/log.hpp"
#include "pooling_layer.hpp"
#include "prelu_layer.hpp"
#include "softmax_layer.hpp"
#include "tiled_convolution_layer.hpp"
#include "transposed_convolution_layer.hpp"
#include "upsampling_layer.hpp"

namespace phiscope::neural {
namespace {

/// What surrounds the points of a tensor.
struct Halo {
  std::array<std::int64_t, 3> width{0, 0, 0};
  bool periodic = true;

  bool operator==(const Halo&) const = default;
};

/// More input channels than this are put in blocks; oneDNN has kernels that read so few from the plain layout.
constexpr std::int64_t plain_input_channels = 3;

template <class Settings>
const Settings* settings_of(const LayerDescription& layer) {
  return std::get_if<Settings>(&layer.settings);
}

/// The settings of a leaky ReLU, or nothing where the layer is another.
const ActivationSettings* leaky_relu_of(const LayerDescription& layer) {
  const auto* activation = settings_of<ActivationSettings>(layer);
  return activation != nullptr && activation->function == Activation::leaky_relu ? activation : nullptr;
}

class StepPlanner {
 public:
  StepPlanner(const NetworkDescription& description, std::int64_t batch, Precision precision, OneDnn& onednn)
      : description_(description), layers_(description.layers), batch_(batch), precision_(precision), onednn_(onednn) {
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
  const ActivationSettings* fused_activation(std::size_t position) const {
    const auto& readers = readers_[position + 1];
    if (settings_of<BatchNormalisationSettings>(layers_[position]) == nullptr || readers.size() != 1) return nullptr;
    return leaky_relu_of(layers_[readers.front()]);
  }

  bool is_fused_away(std::size_t position) const {
    const int source = layers_[position].inputs.front();
    return source >= 0 && leaky_relu_of(layers_[position]) != nullptr &&
           fused_activation(static_cast<std::size_t>(source)) != nullptr;
  }

  /// Whether our own kernels do this convolution.
  bool is_tiled(std::size_t position) const {
    const auto* convolution = settings_of<ConvolutionSettings>(layers_[position]);
    if (convolution == nullptr || covers_input(position)) return false;
    const int source = layers_[position].inputs.front();
    const bool plain = source == LayerDescription::network_input && input_block_ == 1;
    return TiledConvolution::suits(shape_of(source), *convolution, plain);
  }

  static Halo padding_of(const ConvolutionSettings& convolution) {
    Halo halo;
    std::copy(convolution.padding.begin(), convolution.padding.end(),
              halo.width.end() - static_cast<std::ptrdiff_t>(convolution.padding.size()));
    halo.periodic = convolution.circular || halo.width == Halo().width;
    return halo;
  }

  /// The halo that a layer needs its input to have; nothing where any will do. oneDNN pads with zeros itself.
  std::optional<Halo> wanted_halo(std::size_t position) const {
    if (settings_of<DenseSettings>(layers_[position]) != nullptr) return Halo();
    if (settings_of<TransposedConvolutionSettings>(layers_[position]) != nullptr) return Halo();
    const auto* convolution = settings_of<ConvolutionSettings>(layers_[position]);
    if (convolution == nullptr) return std::nullopt;
    return is_tiled(position) || convolution->circular ? padding_of(*convolution) : Halo();
  }

  /// The halo that all readers of an output (slot 0: of the input) agree on, as far as they want one.
  Halo common_halo(std::size_t output_slot) const {
    std::optional<Halo> common;
    for (const std::size_t reader : readers_[output_slot]) {
      const auto wanted = wanted_halo(reader);
      if (!wanted) continue;
      if (common && *common != *wanted) return {};
      common = wanted;
    }
    return common.value_or(Halo());
  }

  /// The halo to write around the output of a layer (slot 0: around the input).
  Halo halo_of(std::size_t output_slot) const {
    if (output_slot > 0) {
      const std::size_t producer = output_slot - 1;
      const auto& layer = layers_[producer];
      if (is_tiled(producer)) {
        // Its own padding, for the gradient; without any, what the readers want.
        const Halo own = padding_of(*settings_of<ConvolutionSettings>(layer));
        if (own != Halo()) return own;
        return common_halo(read_through_view(producer).value_or(output_slot));
      }
      const bool by_onednn = settings_of<ConvolutionSettings>(layer) != nullptr ||
                             settings_of<TransposedConvolutionSettings>(layer) != nullptr ||
                             settings_of<DenseSettings>(layer) != nullptr ||
                             settings_of<FlattenSettings>(layer) != nullptr;
      if (by_onednn) return {};
    }
    return common_halo(output_slot);
  }

  /// What a ChannelView can stand for: a batch normalisation, with or without a leaky ReLU, or that alone.
  bool is_affine_and_leaky(std::size_t position) const {
    return settings_of<BatchNormalisationSettings>(layers_[position]) != nullptr ||
           leaky_relu_of(layers_[position]) != nullptr;
  }

  /// Where the only reader of a convolution of our own is one that may become a view: the slot of that one's output.
  std::optional<std::size_t> read_through_view(std::size_t producer) const {
    const auto& readers = readers_[producer + 1];
    if (readers.size() != 1) return std::nullopt;
    const std::size_t reader = readers.front();
    if (!is_affine_and_leaky(reader)) return std::nullopt;
    return fused_activation(reader) != nullptr ? readers_[reader + 1].front() + 1 : reader + 1;
  }

  /// Whether all that read an output can do so through a view of its layer's input, with the halo that the input has.
  bool can_be_view(std::size_t output_slot, const TensorLayout& input) const {
    const auto& readers = readers_[output_slot];
    return !readers.empty() && std::all_of(readers.begin(), readers.end(), [&](std::size_t reader) {
      if (!is_tiled(reader)) return false;
      const Halo wanted = *wanted_halo(reader);
      // A view of zeros around the input would not be zero.
      return wanted == Halo() || (wanted.periodic && input.periodic() && input.halo() == wanted.width);
    });
  }

  std::optional<NetworkSteps> attempt(std::int64_t input_block) {
    result_ = NetworkSteps();
    tensor_of_slot_.assign(layers_.size() + 1, 0);
    input_block_ = input_block;
    views_.clear();
    const Halo halo = halo_of(0);
    add_tensor({description_.input, batch_, input_block, halo.width, halo.periodic});
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
      step.inputs.push_back(with_wanted_halo(tensor_of_slot_[slot(source)], wanted_halo(position), position));
      inputs.push_back(result_.tensors[step.inputs.back()]);
    }
    const auto* activation = fused_activation(position);
    const std::size_t output_slot = activation != nullptr ? readers_[position + 1].front() + 1 : position + 1;
    const Halo halo = halo_of(output_slot);
    TensorLayout output(layer.output, batch_, OneDnn::channel_block(), halo.width, halo.periodic);
    const bool is_view = is_affine_and_leaky(position) && views_.count(step.inputs.front()) == 0 &&
                         can_be_view(output_slot, inputs.front());
    if (is_view) output = inputs.front();
    if (is_tiled(position) && read_through_view(position)) output = output.with_precision(precision_);
    step.layer =
        is_tiled(position) ? make_tiled(position, step.inputs.front(), output) : make_layer(position, inputs, output);
    step.output = add_tensor(output);
    tensor_of_slot_[output_slot] = step.output;
    if (auto* normalisation = dynamic_cast<BatchNormalisationLayer*>(step.layer.get())) {
      connect_moments(*normalisation, step.inputs.front());
    }
    if (is_view) {
      views_[step.output] = step.layer->become_view();
      result_.value_of[step.output] = result_.value_of[step.inputs.front()];
    }
    const auto* convolution = dynamic_cast<const ConvolutionLayer*>(step.layer.get());
    const bool slow = convolution != nullptr && !convolution->optimised();
    if (slow && inputs.front().block() != 1) {
      log::debug("layer {} on {}: oneDNN has only slow reference kernels ({})", layer.path,
                 shape_of(layer.inputs[0]).text(), convolution->kernel());
    }
    result_.steps.push_back(std::move(step));
    return !slow || inputs.front().block() != 1;
  }

  std::size_t add_tensor(const TensorLayout& layout) {
    result_.tensors.push_back(layout);
    result_.value_of.push_back(result_.tensors.size() - 1);
    return result_.tensors.size() - 1;
  }

  std::unique_ptr<Layer> make_tiled(std::size_t position, std::size_t input, const TensorLayout& output) {
    const auto view = views_.find(input);
    const bool halo_is_read =
        output.has_halo() && common_halo(read_through_view(position).value_or(position + 1)) != Halo();
    return std::make_unique<TiledConvolutionLayer>(result_.tensors[input], output,
                                                   *settings_of<ConvolutionSettings>(layers_[position]),
                                                   view != views_.end() ? view->second : nullptr, halo_is_read);
  }

  /// Takes the input's moments from the convolution that writes it, if it is one of ours.
  void connect_moments(BatchNormalisationLayer& normalisation, std::size_t input) {
    for (auto& producer : result_.steps) {
      auto* const tiled = dynamic_cast<TiledConvolutionLayer*>(producer.layer.get());
      if (producer.output == input && tiled != nullptr) normalisation.use_moments(tiled->sum_moments());
    }
  }

  /// The tensor itself where its halo is right, or a copy of it with the right one.
  std::size_t with_wanted_halo(std::size_t tensor, const std::optional<Halo>& wanted, std::size_t position) {
    const TensorLayout layout = result_.tensors[tensor];
    const bool unread = wanted == Halo() && is_tiled(position);
    if (!wanted || unread || (layout.halo() == wanted->width && layout.periodic() == wanted->periodic)) return tensor;
    NetworkStep step;
    const TensorLayout output = layout.with_halo(wanted->width, wanted->periodic);
    step.layer = std::make_unique<AddLayer>(std::vector{layout}, output);
    step.inputs = {tensor};
    step.output = add_tensor(output);
    step.position = position;
    result_.steps.push_back(std::move(step));
    return result_.tensors.size() - 1;
  }

  /// The layer's name for messages.
  std::string what(const LayerDescription& layer) const {
    return "layer " + layer.path + " on " + shape_of(layer.inputs.front()).text();
  }

  std::unique_ptr<Layer> make_layer(std::size_t position, const std::vector<TensorLayout>& inputs,
                                    const TensorLayout& output) {
    const auto& layer = layers_[position];
    const TensorLayout& input = inputs.front();
    if (const auto* convolution = settings_of<ConvolutionSettings>(layer)) {
      if (covers_input(position)) return std::make_unique<DenseLayer>(input, output, convolution->bias);
      return std::make_unique<ConvolutionLayer>(onednn_, input, output, *convolution, what(layer));
    }
    if (const auto* normalisation = settings_of<BatchNormalisationSettings>(layer)) {
      const auto* activation = fused_activation(position);
      return std::make_unique<BatchNormalisationLayer>(input, output, normalisation->epsilon,
                                                       activation != nullptr ? activation->slope : 1.0);
    }
    if (const auto* transposed = settings_of<TransposedConvolutionSettings>(layer)) {
      return std::make_unique<TransposedConvolutionLayer>(onednn_, input, output, *transposed, what(layer));
    }
    if (const auto* normalisation = settings_of<InstanceNormalisationSettings>(layer)) {
      return std::make_unique<InstanceNormalisationLayer>(input, output, *normalisation);
    }
    if (const auto* leaky_relu = leaky_relu_of(layer)) {
      return std::make_unique<LeakyReluLayer>(input, output, leaky_relu->slope);
    }
    if (const auto* activation = settings_of<ActivationSettings>(layer)) {
      return std::make_unique<ActivationLayer>(input, output, *activation);
    }
    if (const auto* prelu = settings_of<PreluSettings>(layer)) {
      return std::make_unique<PreluLayer>(input, output, prelu->per_channel);
    }
    if (settings_of<SoftmaxSettings>(layer) != nullptr) return std::make_unique<SoftmaxLayer>(input, output);
    if (const auto* pooling = settings_of<GlobalPoolingSettings>(layer)) {
      return std::make_unique<GlobalPoolingLayer>(input, output, pooling->maximum);
    }
    if (const auto* upsampling = settings_of<UpsamplingSettings>(layer)) {
      return std::make_unique<UpsamplingLayer>(input, output, *upsampling);
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
  Precision precision_;
  OneDnn& onednn_;
  std::vector<std::vector<std::size_t>> readers_;  ///< of the input, then of each layer
  std::int64_t input_block_ = 1;
  std::vector<std::size_t> tensor_of_slot_;
  std::map<std::size_t, const ChannelView*> views_;  ///< of the tensors that are one
  NetworkSteps result_;
};

}  // namespace

NetworkSteps plan_steps(const NetworkDescription& description, std::int64_t batch, Precision precision,
                        OneDnn& onednn) {
  return StepPlanner(description, batch, precision, onednn).plan();
}

namespace {

/// The gain of an activation, or nothing where the layer is none.
std::optional<double> activation_gain(const LayerDescription& layer) {
  const auto leaky = [](double slope) { return std::sqrt(2.0 / (1.0 + slope * slope)); };
  if (settings_of<PreluSettings>(layer) != nullptr) return leaky(prelu_start);
  const auto* activation = settings_of<ActivationSettings>(layer);
  if (activation == nullptr) return std::nullopt;
  switch (activation->function) {
    case Activation::leaky_relu:
      return leaky(activation->slope);
    case Activation::elu:
    case Activation::gelu:
      return leaky(0.0);
    case Activation::selu:
    case Activation::sigmoid:
    case Activation::tanh:
      return 1.0;
  }
  return std::nullopt;
}

bool has_weight_matrix(const LayerDescription& layer) {
  return settings_of<ConvolutionSettings>(layer) != nullptr ||
         settings_of<TransposedConvolutionSettings>(layer) != nullptr || settings_of<DenseSettings>(layer) != nullptr;
}

}  // namespace

double weight_gain(const NetworkDescription& description, std::size_t position) {
  const auto& layers = description.layers;
  for (std::size_t next = position + 1; next < layers.size(); ++next) {
    const auto& inputs = layers[next].inputs;
    if (std::find(inputs.begin(), inputs.end(), static_cast<int>(position)) == inputs.end()) continue;
    if (const auto gain = activation_gain(layers[next])) return *gain;
    if (has_weight_matrix(layers[next])) return 1.0;
    position = next;
  }
  return 1.0;
}

}  // namespace phiscope::neural
