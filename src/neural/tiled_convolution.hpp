#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "channel_moments.hpp"
#include "channel_view.hpp"
#include "phiscope/neural/layer_description.hpp"
#include "tensor_layout.hpp"

namespace phiscope::neural {

/// A convolution by our own kernels: tiles of the input are brought into rows of channels, multiplied with the weights
/// in registers, and brought back. The output is in blocks of channels, the input too, or plain. Results do not depend
/// on the number of threads, but for the time they take.
///
/// What oneDNN has not: the input may be read through a ChannelView, and the moments of the output, which batch
/// normalisation wants, are summed while it is at hand.
class TiledConvolution {
 public:
  /// The kernel for these settings, for which suits() holds.
  static std::unique_ptr<TiledConvolution> make(const TensorLayout& input, const TensorLayout& output,
                                                const ConvolutionSettings& settings);
  /// Whether make() gives one. Both tensors then have the convolution's padding as their halo. `plain`: the input is
  /// not in blocks of channels.
  static bool suits(const SampleShape& input, const ConvolutionSettings& settings, bool plain);

  virtual ~TiledConvolution() = default;
  TiledConvolution(const TiledConvolution&) = delete;
  TiledConvolution& operator=(const TiledConvolution&) = delete;

  virtual std::string name() const = 0;
  /// Floats of the weights and of their gradient, [kernel][input channel][output channel], channels padded.
  std::size_t weights_size() const;
  /// Floats of the weights as the kernels read them, for either direction; 0: they read them as they are.
  virtual std::size_t prepared_size() const { return 0; }
  /// Bytes that each of the three passes needs.
  virtual std::size_t scratch_size() const = 0;
  /// Portions in which the moments of the output are summed.
  virtual std::int64_t portions() const = 0;

  /// `plain`: output × input channels × kernel, row-major, without padding.
  void pack_weights(const float* plain, float* weights) const;
  void unpack_weights(const float* weights, float* plain) const;

  virtual void prepare_forward(const float* /*weights*/, float* /*prepared*/) const {}
  virtual void prepare_backward(const float* /*weights*/, float* /*prepared*/) const {}

  struct Forward {
    const float* input;       ///< with its halo
    const ChannelView* view;  ///< of the input, or null
    const float* prepared;
    const float* bias;  ///< one per padded channel, or null
    float* output;
    ChannelMoments* moments;  ///< of the output, or null
    std::byte* scratch;
  };
  /// Writes the interior of the output.
  virtual void forward(const Forward& call) const = 0;
  /// Writes the interior of the input's gradient. The halo of the output's gradient holds the padding.
  virtual void backward_input(const float* output_gradient, const float* prepared, float* input_gradient,
                              std::byte* scratch) const = 0;
  virtual void backward_weights(const float* input, const ChannelView* view, const float* output_gradient,
                                float* weights_gradient, std::byte* scratch) const = 0;

 protected:
  TiledConvolution(const TensorLayout& input, const TensorLayout& output, std::int64_t kernel_points)
      : input_(input), output_(output), kernel_points_(kernel_points) {}

  static bool all(const std::vector<std::int64_t>& values, std::int64_t wanted);
  /// A kernel of 3 along every extent, stride 1 and padding 1.
  static bool is_padded_3x3(const ConvolutionSettings& settings);

  TensorLayout input_;
  TensorLayout output_;
  std::int64_t kernel_points_;
};

}  // namespace phiscope::neural
