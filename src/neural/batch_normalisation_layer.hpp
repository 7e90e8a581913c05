#pragma once
#include "layer.hpp"

namespace phiscope::neural {

/// Batch normalisation, with the leaky ReLU that follows it in the same sweep: y = f(a·x + b), where a = scale/σ,
/// b = shift − mean·a and f(z) = z > 0 ? z : slope·z (slope 1: no activation).
/// Nothing but x is kept for the backward pass. Sums run over a row in float, over rows and samples in double and in
/// a fixed order, whatever the number of threads.
class BatchNormalisationLayer : public Layer {
 public:
  BatchNormalisationLayer(const TensorLayout& input, const TensorLayout& output, double epsilon, double slope);

  std::vector<Parameter> parameters() const override;
  std::int64_t statistics() const override { return 2 * input_.padded_channels(); }
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  template <int Block>
  void find_batch_statistics(const float* input);
  void use_running_statistics();
  template <int Block>
  void apply(const float* input, float* output) const;
  /// Fills sums_ with Σ g and Σ g·x̂ of every channel, where g is the gradient before the activation.
  template <int Block>
  void sum_gradients(const float* input, const float* output_gradient);
  template <int Block>
  void find_input_gradient(const Backward& call) const;
  /// Adds up partial_ over the samples: two sums per channel.
  void add_partial_sums();
  /// Values per channel in one batch.
  std::int64_t count() const { return input_.batch() * input_.points(); }

  TensorLayout input_;
  TensorLayout output_;
  double epsilon_;
  float slope_;
  std::size_t channels_;           ///< padded
  std::vector<double> partial_;    ///< two sums per image and channel of its block
  std::vector<double> sums_;       ///< two sums per channel
  std::vector<float> mean_;        ///< what the last forward pass normalised with
  std::vector<float> inverse_;     ///< 1/σ of it
  std::vector<float> factor_;      ///< a
  std::vector<float> offset_;      ///< b
  std::vector<float> statistics_;  ///< mean and unbiased variance of the last batch
};

}  // namespace phiscope::neural
