#pragma once
#include "channel_view.hpp"
#include "layer.hpp"

namespace phiscope::neural {

/// y = x where x > 0, slope·x elsewhere, where no batch normalisation does it in the same sweep.
class LeakyReluLayer : public Layer {
 public:
  LeakyReluLayer(const TensorLayout& input, const TensorLayout& output, double slope);

  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  const ChannelView* become_view() override;
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  // Input, Output: what the tensors and their gradients are stored as.
  template <int Block, class Input>
  void rectify(const Input* input, float* output) const;
  template <int Block, class Input, class Output>
  void rectify_gradient(const Input* input, const Output* output_gradient, Input* input_gradient) const;

  TensorLayout input_;
  TensorLayout output_;
  float slope_;
  bool is_view_ = false;
  ChannelView view_;
  std::vector<float> factor_, offset_;  ///< of the view: ones and zeros
};

}  // namespace phiscope::neural
