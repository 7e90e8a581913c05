#pragma once
#include "layer.hpp"

namespace phiscope::neural {

/// y = W·x + b over all values of a sample: a dense layer on vectors, or a convolution whose kernel covers its whole
/// input. Either way the values of a sample lie side by side in memory, and it is one matrix product.
class DenseLayer : public Layer {
 public:
  /// `input` has no halo.
  DenseLayer(const TensorLayout& input, const TensorLayout& output, bool bias);

  std::vector<Parameter> parameters() const override;
  std::int64_t flops() const override;
  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  std::int64_t inner() const { return input_.groups() * input_.image_size(); }
  std::int64_t outer() const { return output_.padded_channels(); }

  TensorLayout input_;
  TensorLayout output_;
  bool bias_;
};

}  // namespace phiscope::neural
