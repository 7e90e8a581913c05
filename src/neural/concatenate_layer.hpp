#pragma once
#include "layer.hpp"

namespace phiscope::neural {

/// The channels of all inputs, one after the other.
class ConcatenateLayer : public Layer {
 public:
  ConcatenateLayer(std::vector<TensorLayout> inputs, const TensorLayout& output);
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  std::vector<TensorLayout> inputs_;
  TensorLayout output_;
};

}  // namespace phiscope::neural
