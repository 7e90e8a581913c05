#pragma once
#include "layer.hpp"

namespace phiscope::neural {

/// The sum of tensors of one shape. With one input it copies it, to give it the halo that a convolution wants.
class AddLayer : public Layer {
 public:
  AddLayer(std::vector<TensorLayout> inputs, const TensorLayout& output);
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  std::vector<TensorLayout> inputs_;
  TensorLayout output_;
};

}  // namespace phiscope::neural
