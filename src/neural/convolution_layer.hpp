#pragma once
#include <memory>
#include <string>

#include "layer.hpp"
#include "onednn_adapter.hpp"
#include "phiscope/neural/layer_description.hpp"

namespace phiscope::neural {

/// A convolution of images or volumes. Circular padding is the halo of its input tensor.
class ConvolutionLayer : public Layer {
 public:
  ConvolutionLayer(OneDnn& onednn, const TensorLayout& input, const TensorLayout& output,
                   const ConvolutionSettings& settings, const std::string& what);

  bool optimised() const { return kernel_->optimised(); }
  std::string kernel() const override { return kernel_->implementations(); }
  std::vector<Parameter> parameters() const override;
  std::size_t scratch_size() const override { return kernel_->scratch_size(); }
  std::int64_t flops() const override;
  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  TensorLayout input_;
  TensorLayout output_;
  ConvolutionSettings settings_;
  std::shared_ptr<ConvolutionKernel> kernel_;  ///< shared with the parameters' pack and unpack
};

}  // namespace phiscope::neural
