#pragma once
#include "layer.hpp"

namespace phiscope::neural {

/// The channels of all inputs, one after the other.
class ConcatenateLayer : public Layer {
 public:
  ConcatenateLayer(std::vector<TensorLayout> inputs, const TensorLayout& output);
  bool reads_input(std::size_t /*which*/) const override { return false; }
  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  std::vector<TensorLayout> inputs_;
  TensorLayout output_;
};

}  // namespace phiscope::neural
