#pragma once
#include "layer.hpp"
#include "phiscope/neural/layer_description.hpp"

namespace phiscope::neural {

/// y = weight·(x − mean)/σ + bias, mean and variance those of each channel of each sample. Sums run over a row in
/// float, over rows in double; mean and 1/σ are kept for the backward pass.
class InstanceNormalisationLayer : public Layer {
 public:
  InstanceNormalisationLayer(const TensorLayout& input, const TensorLayout& output,
                             const InstanceNormalisationSettings& settings);

  std::vector<Parameter> parameters() const override;
  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  template <int Block>
  void normalise(const Forward& call);
  template <int Block>
  void differentiate(const Backward& call);
  /// Adds values per image and channel up over the samples.
  void add_over_samples(const std::vector<double>& values, float* gradient) const;

  TensorLayout input_;
  TensorLayout output_;
  InstanceNormalisationSettings settings_;
  std::vector<float> mean_;     ///< this and what follows per image and channel of its block
  std::vector<float> inverse_;  ///< 1/σ
  std::vector<double> sums_;    ///< Σ dy
  std::vector<double> tilts_;   ///< Σ dy·x̂
};

}  // namespace phiscope::neural
