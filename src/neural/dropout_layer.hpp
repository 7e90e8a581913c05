#pragma once
#include "layer.hpp"

namespace phiscope::neural {

/// In training zeroes values at random and scales the others up, so that the expectation stays; copies in inference.
/// The mask of a sample is a function of seed, step, the sample's key and the layer: its numbers are drawn in the
/// plain order of the sample's values.
class DropoutLayer : public Layer {
 public:
  DropoutLayer(const TensorLayout& input, const TensorLayout& output, double probability, std::uint64_t layer);
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  void draw_mask(const Pass& pass);

  TensorLayout input_;
  TensorLayout output_;
  double probability_;
  std::uint64_t layer_;
  std::vector<float> mask_;  ///< in the layout of the input: 0, or 1/(1 − probability)
};

}  // namespace phiscope::neural
