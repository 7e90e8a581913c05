#pragma once
#include "layer.hpp"

namespace phiscope::neural {

/// The sum of tensors of one shape. With one input it copies it, to give it the halo that a convolution wants.
class AddLayer : public Layer {
 public:
  AddLayer(std::vector<TensorLayout> inputs, const TensorLayout& output);
  bool reads_input(std::size_t /*which*/) const override { return false; }
  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  std::vector<TensorLayout> inputs_;
  TensorLayout output_;
};

}  // namespace phiscope::neural
