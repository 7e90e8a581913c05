#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace phiscope::neural {

/// The only place that speaks to oneDNN, and hides what differs between its versions 2 and 3.
class OneDnn {
 public:
  OneDnn();
  ~OneDnn();
  OneDnn(const OneDnn&) = delete;
  OneDnn& operator=(const OneDnn&) = delete;

  /// Channels per block that this processor's kernels like: 16 with AVX-512, 8 without.
  static std::int64_t channel_block();

  /// Row-major C (m × n) = A·B; what C held before is overwritten. A is m × k, or k × m and taken transposed; B
  /// likewise k × n or n × k. Rows follow one another without gaps.
  static void multiply(bool transpose_a, bool transpose_b, std::int64_t m, std::int64_t n, std::int64_t k,
                       const float* a, const float* b, float* c);

  struct Handles;
  Handles& handles() { return *handles_; }

 private:
  std::unique_ptr<Handles> handles_;
};

/// What a convolution computes, on channels that are padded to whole blocks already.
struct ConvolutionShape {
  std::int64_t batch = 1;
  std::int64_t block = 16;
  std::int64_t input_channels = 16;
  std::int64_t output_channels = 16;
  /// The input's channels are few and in plain layout (the network's own input); not padded.
  bool plain_input = false;
  std::vector<std::int64_t> input_extents;  ///< halo included
  std::vector<std::int64_t> output_extents;
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> stride;
  std::vector<std::int64_t> padding;  ///< with zeros
  bool bias = true;
};

/// Direct convolution, forward and both backward passes, on one layout of the weights for all three; only the
/// gradient of the input may need them in another, and then reorders them into its scratch.
class ConvolutionKernel {
 public:
  /// `what` names the layer in messages. Throws Error where oneDNN has no such convolution.
  ConvolutionKernel(OneDnn& onednn, const ConvolutionShape& shape, const std::string& what);
  ~ConvolutionKernel();
  ConvolutionKernel(const ConvolutionKernel&) = delete;
  ConvolutionKernel& operator=(const ConvolutionKernel&) = delete;

  /// Whether oneDNN has kernels for this processor and shape, rather than its slow reference ones.
  bool optimised() const;
  /// The kernels in use, "jit:avx512_core …", for messages.
  std::string implementations() const;

  /// Floats of the weights in the kernels' layout.
  std::size_t weights_size() const;
  /// Bytes.
  std::size_t scratch_size() const;
  /// `plain`: output channels × input channels × kernel, row-major, padded channels included.
  void pack_weights(const float* plain, float* weights);
  void unpack_weights(const float* weights, float* plain);

  void forward(const float* input, const float* weights, const float* bias, float* output, std::byte* scratch);
  void backward_weights(const float* input, const float* output_gradient, float* weights_gradient, float* bias_gradient,
                        std::byte* scratch);
  void backward_input(const float* weights, const float* output_gradient, float* input_gradient, std::byte* scratch);

 private:
  struct Primitives;
  std::unique_ptr<Primitives> primitives_;
};

}  // namespace phiscope::neural
