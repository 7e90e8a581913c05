#pragma once
#include <memory>
#include <string>
#include <vector>

#include "layer.hpp"
#include "onednn_adapter.hpp"
#include "phiscope/neural/network_description.hpp"
#include "tensor_layout.hpp"

namespace phiscope::neural {

/// A layer at its place in the network.
struct NetworkStep {
  std::unique_ptr<Layer> layer;
  std::vector<std::size_t> inputs;  ///< tensors
  std::size_t output = 0;           ///< tensor
  std::size_t position = 0;         ///< in the description; of the first where two layers are done in one sweep
  std::string path;
};

/// The tensors and steps that carry out a description. Tensor 0 is the network's input; the last step writes the
/// network's output. A leaky ReLU that alone follows a batch normalisation is done by it; a tensor gets the halo that
/// the convolutions which read it want, and where they differ a step is put in that copies it to another halo.
/// With bfloat16, so is stored what our own convolutions give to a batch normalisation or a leaky ReLU.
struct NetworkSteps {
  std::vector<TensorLayout> tensors;
  std::vector<std::size_t> value_of;  ///< the tensor whose values this one is; another where it is a view
  std::vector<NetworkStep> steps;
};

NetworkSteps plan_steps(const NetworkDescription& description, std::int64_t batch, Precision precision, OneDnn& onednn);

/// The gain for the weights of the layer at `position`, by the activation that its values reach next: √(2/(1 + slope²))
/// for the leaky ReLU and PReLU (He et al. 2015), √2 for ELU and GELU, 1 for SELU (Klambauer et al. 2017), sigmoid and
/// tanh; 1 where they reach another layer with weights or the end first.
double weight_gain(const NetworkDescription& description, std::size_t position);

}  // namespace phiscope::neural
