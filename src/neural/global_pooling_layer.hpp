#pragma once
#include "layer.hpp"

namespace phiscope::neural {

/// Average (summed along rows in float, over rows in double) or maximum over all points of a sample's channel. Of equal
/// maxima the first in row-major order counts.
class GlobalPoolingLayer : public Layer {
 public:
  GlobalPoolingLayer(const TensorLayout& input, const TensorLayout& output, bool maximum);

  bool reads_input(std::size_t /*which*/) const override { return false; }
  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  template <int Block>
  void take_average(const float* input, float* output) const;
  template <int Block>
  void return_average(const float* output_gradient, float* input_gradient) const;
  void take_maximum(const float* input, float* output);
  void return_maximum(const float* output_gradient, float* input_gradient) const;

  TensorLayout input_;
  TensorLayout output_;
  bool maximum_;
  std::vector<std::int64_t> chosen_;  ///< where the maximum of each output value lies, from the start of its image
};

}  // namespace phiscope::neural
