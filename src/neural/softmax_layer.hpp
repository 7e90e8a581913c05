#pragma once
#include "layer.hpp"

namespace phiscope::neural {

/// y_c = exp(x_c) / Σ exp(x) over the channels of a point, in double.
class SoftmaxLayer : public Layer {
 public:
  SoftmaxLayer(const TensorLayout& input, const TensorLayout& output);

  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  /// Calls `work(first input value, first output value, probabilities)` for every point of every sample, with offsets
  /// in the tensors.
  template <class Work>
  void for_each_point(const float* input, Work&& work) const;

  TensorLayout input_;
  TensorLayout output_;
};

}  // namespace phiscope::neural
