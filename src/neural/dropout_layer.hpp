#pragma once
#include "layer.hpp"

namespace phiscope::neural {

/// In training zeroes values at random and scales the others up, so that the expectation stays; copies in inference.
/// The mask of a sample is a function of seed, step, the sample's key and the layer: its numbers are drawn in the
/// plain order of the sample's values.
class DropoutLayer : public Layer {
 public:
  DropoutLayer(const TensorLayout& input, const TensorLayout& output, double probability, std::uint64_t layer);

  std::size_t own_memory() const override;
  void bind(LayerMemory memory) override;
  bool reads_input(std::size_t /*which*/) const override { return false; }
  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  void draw_mask(const Pass& pass);
  /// Multiplies the interior of one image by the mask and 1/(1 − probability).
  void apply_mask(std::int64_t image, const TensorLayout& from_layout, const float* from, const TensorLayout& to_layout,
                  float* to) const;

  TensorLayout input_;
  TensorLayout output_;
  double probability_;
  std::uint64_t layer_;
  std::vector<std::uint8_t> mask_;  ///< in the layout of the input without a halo: 1, or 0 where dropped
};

}  // namespace phiscope::neural
