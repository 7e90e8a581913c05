#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "float_arena.hpp"
#include "memory_plan.hpp"
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

/// The parts of a network and what it does with them; Network checks what it is given and passes it on.
class Network::Graph {
 public:
  /// Plans all, and takes no memory: a network that is too large for this machine has a table too.
  Graph(const NetworkDescription& network, std::int64_t samples, Precision stored_as);
  /// Takes the memory that was planned. Throws OutOfMemory where there is not as much.
  void take_memory();

  /// Where the next backward pass writes the gradients of the parameters.
  void place_gradients(float* place);
  /// Bytes of all arenas and of what layers hold themselves, as planned.
  std::size_t bytes() const;
  std::string table() const;
  void tell_layers_of_change();
  void run_forward(std::span<const float> input, const Pass& pass);
  void run_backward(std::span<const float> output_gradient, std::span<float> input_gradient, Wanted wanted);
  std::vector<NamedTensor> export_parameters(std::span<const float> from) const;
  void import_parameters(std::span<const NamedTensor> tensors, std::span<float> to, bool with_statistics);
  const TensorLayout& output_layout() const { return plan.tensors[plan.steps.back().output]; }

  NetworkDescription description;
  std::int64_t batch;
  Precision precision;
  OneDnn onednn;
  NetworkSteps plan;
  std::vector<PlacedParameter> parameters;
  std::vector<PlacedStatistics> statistics;
  std::size_t parameter_size = 0;
  std::size_t statistics_size = 0;
  FloatArena values, gradients, running;  ///< of the parameters; running statistics
  MemoryPlan memory_plan;
  FloatArena activations;  ///< values and gradients, as planned
  FloatArena scratch;
  std::vector<float> output;
  std::vector<LayerTime> times;  ///< per step, empty unless they are measured
  Mode mode = Mode::inference;
  bool has_run = false;  ///< a forward pass whose values no backward pass has used up

 private:
  void check_batch() const;
  void plan_parameters();
  void bind_layers();
  std::size_t scratch_floats() const;
};

}  // namespace phiscope::neural
