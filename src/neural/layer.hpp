#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "channel_view.hpp"
#include "parameter.hpp"
#include "phiscope/neural/pass.hpp"
#include "tensor_layout.hpp"

namespace phiscope::neural {

/// Where a layer finds what is its own in the network's arenas: one pointer per parameter.
struct LayerMemory {
  std::vector<float*> parameters;
  std::vector<float*> gradients;
  float* batch_statistics = nullptr;    ///< statistics() floats
  float* running_statistics = nullptr;  ///< statistics() floats
};

/// A step of the network: reads tensors, writes one. Layers know the layouts of their tensors from the start and
/// allocate nothing after bind(). A layer fills the halo of its output itself.
class Layer {
 public:
  struct Forward {
    std::span<const float* const> inputs;
    float* output;
    const Pass& pass;
    std::byte* scratch;
  };
  struct Backward {
    /// Values as in the forward pass, of the inputs for which reads_input() holds; the others may be gone.
    std::span<const float* const> inputs;
    /// Gradient of the output's interior; what its halo holds means nothing, and a layer may fill it.
    float* output_gradient;
    /// To be overwritten, interior only; null where not wanted. Padding becomes zero. May be the very memory of the
    /// input where overwrites_input_safely() holds.
    std::span<float* const> input_gradients;
    Mode mode;
    bool parameter_gradients;
    std::byte* scratch;
    /// Values as in the forward pass where reads_output() holds.
    const float* output = nullptr;
  };

  Layer() = default;
  virtual ~Layer() = default;
  Layer(const Layer&) = delete;
  Layer& operator=(const Layer&) = delete;

  virtual std::vector<Parameter> parameters() const { return {}; }
  /// Floats of statistics per batch: mean and variance of every (padded) channel, or none.
  virtual std::int64_t statistics() const { return 0; }
  /// Bytes of scratch that forward and backward may use.
  virtual std::size_t scratch_size() const { return 0; }
  /// Bytes that the layer holds itself, beyond scratch and the network's arenas.
  virtual std::size_t own_memory() const { return 0; }
  /// Floating-point operations of a forward pass of one sample in products with weights, padding and what is done
  /// value by value not counted. A multiplication and an addition are two.
  virtual std::int64_t flops() const { return 0; }

  // Gradients are written in place of activations, so that a network needs to know what backward() still reads.
  /// backward() reads the values of this input.
  virtual bool reads_input(std::size_t /*which*/) const { return true; }
  /// backward() reads the values of its output.
  virtual bool reads_output() const { return false; }
  /// backward() is right when the gradient of this input is to overwrite the input itself.
  virtual bool overwrites_input_safely(std::size_t /*which*/) const { return false; }

  /// Which of several kernels does the work, where there is a choice: results differ in their last digits.
  virtual std::string kernel() const { return {}; }
  /// Called when parameters may have changed since the last pass: what was derived from them is stale.
  virtual void parameters_changed() {}
  /// Asks the layer to write no output from now on and to give the view of its input that stands for it. Only for
  /// layers that say they can.
  virtual const ChannelView* become_view() { return nullptr; }
  /// Tells the layer where its parts of the arenas lie; it takes now what memory it holds itself. A network that is
  /// only planned never binds its layers.
  virtual void bind(LayerMemory memory) { memory_ = std::move(memory); }
  /// Where backward() writes the gradients of its parameters.
  std::vector<float*>& gradients() { return memory_.gradients; }

  virtual void forward(const Forward& call) = 0;
  virtual void backward(const Backward& call) = 0;

 protected:
  LayerMemory memory_;
};

}  // namespace phiscope::neural
