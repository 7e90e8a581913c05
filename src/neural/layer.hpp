#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

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
/// allocate nothing later. A layer fills the halo of its output itself.
class Layer {
 public:
  struct Forward {
    std::span<const float* const> inputs;
    float* output;
    const Pass& pass;
    std::byte* scratch;
  };
  struct Backward {
    std::span<const float* const> inputs;
    /// Gradient of the output's interior; what its halo holds means nothing.
    const float* output_gradient;
    /// To be overwritten, interior only; null where not wanted.
    std::span<float* const> input_gradients;
    Mode mode;
    bool parameter_gradients;
    std::byte* scratch;
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
  virtual void bind(LayerMemory memory) { memory_ = std::move(memory); }

  virtual void forward(const Forward& call) = 0;
  virtual void backward(const Backward& call) = 0;

 protected:
  LayerMemory memory_;
};

}  // namespace phiscope::neural
