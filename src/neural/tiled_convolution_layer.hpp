#pragma once
#include <memory>

#include "float_arena.hpp"
#include "layer.hpp"
#include "tiled_convolution.hpp"

namespace phiscope::neural {

/// A convolution of images or volumes by our own kernels. Padding is the halo of its input tensor.
class TiledConvolutionLayer : public Layer {
 public:
  /// `view` is what the input is read through, or null. `output_halo_is_read`: a later layer reads it.
  TiledConvolutionLayer(const TensorLayout& input, const TensorLayout& output, const ConvolutionSettings& settings,
                        const ChannelView* view, bool output_halo_is_read);

  /// Sums the moments of the output in every forward pass in training from now on.
  const ChannelMoments* sum_moments();

  std::vector<Parameter> parameters() const override;
  std::size_t scratch_size() const override { return kernel_->scratch_size(); }
  std::size_t own_memory() const override;
  void bind(LayerMemory memory) override;
  std::int64_t flops() const override;
  bool overwrites_input_safely(std::size_t /*which*/) const override { return view_ == nullptr; }
  std::string kernel() const override { return kernel_->name(); }
  void parameters_changed() override;
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  /// The weights as the kernels read them.
  const float* forward_weights();
  const float* backward_weights();
  /// Sums over batch and extents of every channel, in double and in a fixed order.
  template <class Value>
  void sum_bias_gradient(const Value* output_gradient);

  TensorLayout input_;
  TensorLayout output_;
  ConvolutionSettings settings_;
  const ChannelView* view_;
  bool output_halo_is_read_;
  std::shared_ptr<TiledConvolution> kernel_;  ///< shared with the parameters' pack and unpack
  std::unique_ptr<ChannelMoments> moments_;
  /// The weights as the kernels read them, made anew when the weights have changed.
  FloatArena forward_weights_, backward_weights_;
  bool forward_is_prepared_ = false;
  bool backward_is_prepared_ = false;
};

}  // namespace phiscope::neural
