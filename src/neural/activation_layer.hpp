#pragma once
#include "layer.hpp"
#include "phiscope/neural/layer_description.hpp"

namespace phiscope::neural {

/// A function of every value alone. The backward pass finds its derivative from the input again.
class ActivationLayer : public Layer {
 public:
  ActivationLayer(const TensorLayout& input, const TensorLayout& output, const ActivationSettings& settings);

  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  /// Of a leaky ReLU.
  const ChannelView* become_view() override;
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  TensorLayout input_;
  TensorLayout output_;
  ActivationSettings settings_;
  bool is_view_ = false;
  ChannelView view_;
  std::vector<float> factor_, offset_;  ///< of the view: ones and zeros
};

}  // namespace phiscope::neural
