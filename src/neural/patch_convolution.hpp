#pragma once
#include "tiled_convolution.hpp"

namespace phiscope::neural {

/// A convolution whose kernel is as large as its stride, without padding: patches side by side. One product of
/// matrices, with the points of the kernel as further channels of the input.
class PatchConvolution : public TiledConvolution {
 public:
  static bool suits(const SampleShape& input, const ConvolutionSettings& settings);

  PatchConvolution(const TensorLayout& input, const TensorLayout& output);

  std::string name() const override { return "patches"; }
  std::size_t prepared_size() const override { return weights_size(); }
  std::size_t scratch_size() const override;
  std::int64_t portions() const override;
  void prepare_forward(const float* weights, float* prepared) const override;
  void prepare_backward(const float* weights, float* prepared) const override;
  void forward(const Forward& call) const override;
  void backward_input(const float* output_gradient, const float* prepared, float* input_gradient,
                      std::byte* scratch) const override;
  void backward_weights(const float* input, const ChannelView* view, const float* output_gradient,
                        float* weights_gradient, std::byte* scratch) const override;

 private:
  template <int Block>
  void sum_weights(const float* input, const ChannelView* view, const float* output_gradient, float* weights_gradient,
                   float* scratch) const;

  std::int64_t side_;   ///< of the kernel, along each extent
  std::int64_t depth_;  ///< of the kernel: side_, or 1 for images
};

}  // namespace phiscope::neural
