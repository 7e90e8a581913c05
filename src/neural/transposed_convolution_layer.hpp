#pragma once
#include <memory>
#include <string>

#include "layer.hpp"
#include "onednn_adapter.hpp"
#include "phiscope/neural/layer_description.hpp"

namespace phiscope::neural {

/// The transpose of the convolution that would lead from its output back to its input: that convolution's kernels in
/// exchanged roles. Neither tensor has a halo.
class TransposedConvolutionLayer : public Layer {
 public:
  TransposedConvolutionLayer(OneDnn& onednn, const TensorLayout& input, const TensorLayout& output,
                             const TransposedConvolutionSettings& settings, const std::string& what);

  std::vector<Parameter> parameters() const override;
  std::size_t scratch_size() const override { return kernel_->scratch_size(); }
  std::int64_t flops() const override;
  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  void add_bias(float* output) const;
  void find_bias_gradient(const float* output_gradient, float* bias_gradient) const;

  TensorLayout input_;
  TensorLayout output_;
  TransposedConvolutionSettings settings_;
  std::shared_ptr<ConvolutionKernel> kernel_;  ///< of the convolution; shared with the weights' pack and unpack
};

}  // namespace phiscope::neural
