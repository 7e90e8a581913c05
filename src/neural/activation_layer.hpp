#pragma once
#include "layer.hpp"
#include "phiscope/neural/layer_description.hpp"

namespace phiscope::neural {

/// A function of every value alone, but for the leaky ReLU. The backward pass finds its derivative from the input
/// again.
class ActivationLayer : public Layer {
 public:
  ActivationLayer(const TensorLayout& input, const TensorLayout& output, const ActivationSettings& settings);

  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  TensorLayout input_;
  TensorLayout output_;
  ActivationSettings settings_;
};

}  // namespace phiscope::neural
