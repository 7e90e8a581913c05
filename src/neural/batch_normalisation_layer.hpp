#pragma once
#include "channel_moments.hpp"
#include "channel_view.hpp"
#include "layer.hpp"

namespace phiscope::neural {

/// Batch normalisation, with the leaky ReLU that follows it in the same sweep: y = f(a·x + b), where a = scale/σ,
/// b = shift − mean·a and f(z) = z > 0 ? z : slope·z (slope 1: no activation).
/// Nothing but x is kept for the backward pass. Sums run over a row in float, over rows and samples in double and in
/// a fixed order, whatever the number of threads.
///
/// Where all that reads y can do so through a view, y is never written: the output is the input, seen through it.
class BatchNormalisationLayer : public Layer {
 public:
  BatchNormalisationLayer(const TensorLayout& input, const TensorLayout& output, double epsilon, double slope);

  /// Takes the moments of the input from the layer that wrote it, rather than by a sweep over it.
  void use_moments(const ChannelMoments* moments) { moments_ = moments; }
  const ChannelView* become_view() override;

  std::vector<Parameter> parameters() const override;
  std::int64_t statistics() const override { return 2 * input_.padded_channels(); }
  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  std::size_t own_memory() const override;
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  template <int Block>
  void find_batch_statistics(const float* input);
  void take_moments();
  /// Sets what the batch's mean and Σ(x − mean)² of a channel decide.
  void set_statistics(std::size_t channel, double mean, double squares);
  void use_running_statistics();
  // Input, Output: what the tensors and their gradients are stored as.
  template <int Block, class Input>
  void apply(const Input* input, float* output) const;
  /// Fills sums_ with Σ g and Σ g·x̂ of every channel, where g is the gradient before the activation.
  template <int Block, class Input, class Output>
  void sum_gradients(const Input* input, const Output* output_gradient);
  template <int Block, class Input, class Output>
  void find_input_gradient(const Input* input, const Output* output_gradient, Mode mode, Input* input_gradient) const;
  /// Adds up partial_ over the samples: two sums per channel.
  void add_partial_sums();
  /// Values per channel in one batch.
  std::int64_t count() const { return input_.batch() * input_.points(); }

  TensorLayout input_;
  TensorLayout output_;
  double epsilon_;
  float slope_;
  const ChannelMoments* moments_ = nullptr;
  bool is_view_ = false;
  ChannelView view_;
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
