#pragma once
#include "layer.hpp"

namespace phiscope::neural {

class LeakyReluLayer : public Layer {
 public:
  LeakyReluLayer(const TensorLayout& input, const TensorLayout& output, double slope);
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  TensorLayout input_;
  TensorLayout output_;
  float slope_;
};

}  // namespace phiscope::neural
