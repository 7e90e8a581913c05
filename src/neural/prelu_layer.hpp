#pragma once
#include "layer.hpp"

namespace phiscope::neural {

/// A leaky ReLU with a learned slope per channel, or one for all.
class PreluLayer : public Layer {
 public:
  PreluLayer(const TensorLayout& input, const TensorLayout& output, bool per_channel);

  std::vector<Parameter> parameters() const override;
  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  template <int Block>
  void apply(const Forward& call) const;
  /// Fills partial_ with Σ x·dy over x ≤ 0, and the input's gradient where it is wanted.
  template <int Block>
  void differentiate(const Backward& call);
  void add_partial_sums(float* gradient) const;
  /// The slopes of the channels from `first` on.
  template <int Block>
  auto slopes_from(std::int64_t first) const;

  TensorLayout input_;
  TensorLayout output_;
  bool per_channel_;
  std::vector<double> partial_;  ///< per image and channel of its block
};

}  // namespace phiscope::neural
