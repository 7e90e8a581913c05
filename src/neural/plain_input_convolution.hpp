#pragma once
#include "tiled_convolution.hpp"

namespace phiscope::neural {

/// A 3×3 (or 3×3×3) convolution of stride 1 and padding 1 whose input has few channels and is in plain layout: the
/// first of a network. Each row of outputs is summed directly in registers.
class PlainInputConvolution : public TiledConvolution {
 public:
  static bool suits(const SampleShape& input, const ConvolutionSettings& settings);

  PlainInputConvolution(const TensorLayout& input, const TensorLayout& output);

  std::string name() const override { return "plain input"; }
  std::size_t scratch_size() const override;
  std::int64_t portions() const override { return rows(); }
  void forward(const Forward& call) const override;
  void backward_input(const float* output_gradient, const float* prepared, float* input_gradient,
                      std::byte* scratch) const override;
  void backward_weights(const float* input, const ChannelView* view, const float* output_gradient,
                        float* weights_gradient, std::byte* scratch) const override;

 private:
  // Value: what the output and its gradient are stored as.
  template <int Block, class Value>
  void convolve(const Forward& call, Value* output) const;
  template <int Block, class Value>
  void find_input_gradient(const Value* output_gradient, const float* prepared, float* input_gradient) const;
  template <int Block, class Value>
  void sum_weights(const float* input, const Value* output_gradient, float* weights_gradient, float* sums) const;
  /// Rows of the output, over all samples and planes.
  std::int64_t rows() const { return output_.batch() * output_.extents()[0] * output_.extents()[1]; }

  std::int64_t depth_;  ///< planes of the kernel: 1 for images, 3
};

}  // namespace phiscope::neural
