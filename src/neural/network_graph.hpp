#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "float_arena.hpp"
#include "network_steps.hpp"
#include "onednn_adapter.hpp"
#include "phiscope/neural/network.hpp"

namespace phiscope::neural {

/// A parameter of a step, and where it lies in the arena.
struct PlacedParameter {
  Parameter parameter;
  std::string name;
  std::size_t offset;
  std::size_t position;  ///< of its layer
  std::size_t index;     ///< among the layer's parameters
};

/// The running statistics of a step.
struct PlacedStatistics {
  std::string path;
  std::size_t offset;
  std::size_t padded;
  std::int64_t channels;
};

/// Where the gradients of one step's inputs go in a backward pass, and whether they are to be added to what is there.
struct GradientPlaces {
  std::vector<std::size_t> target;  ///< offset of what the layer writes, per input
  std::vector<bool> adds;           ///< the target is a spare buffer that is then added to the tensor's gradient
};

/// The parts of a network and what it does with them; Network checks what it is given and passes it on.
class Network::Graph {
 public:
  Graph(const NetworkDescription& network, std::int64_t samples);

  void plan_parameters();
  void plan_activations();
  void plan_gradients();
  void bind_layers();
  void run_forward(std::span<const float> input, const Pass& pass);
  void run_backward(std::span<const float> output_gradient, std::span<float> input_gradient, Wanted wanted);
  std::vector<NamedTensor> export_parameters(std::span<const float> from) const;
  void import_parameters(std::span<const NamedTensor> tensors, std::span<float> to, bool with_statistics);
  const TensorLayout& output_layout() const { return plan.tensors[plan.steps.back().output]; }

  NetworkDescription description;
  std::int64_t batch;
  OneDnn onednn;
  NetworkSteps plan;
  std::vector<PlacedParameter> parameters;
  std::vector<PlacedStatistics> statistics;
  std::size_t parameter_size = 0;
  std::size_t statistics_size = 0;
  FloatArena values, gradients, running;  ///< of the parameters; running statistics
  std::vector<std::size_t> activation_place;
  FloatArena activations;
  std::vector<std::size_t> gradient_place;  ///< per tensor
  std::vector<GradientPlaces> step_gradients;
  FloatArena activation_gradients;
  FloatArena scratch;
  std::vector<float> output;
  Mode mode = Mode::inference;
  bool has_run = false;
};

}  // namespace phiscope::neural
