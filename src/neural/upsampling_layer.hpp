#pragma once
#include <array>

#include "layer.hpp"
#include "phiscope/neural/layer_description.hpp"

namespace phiscope::neural {

/// Extents multiplied by whole factors: the nearest point, or linear between the two nearest of each extent.
class UpsamplingLayer : public Layer {
 public:
  UpsamplingLayer(const TensorLayout& input, const TensorLayout& output, const UpsamplingSettings& settings);

  bool reads_input(std::size_t /*which*/) const override { return false; }
  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  /// What a point of the output takes of one extent: lower and upper neighbour.
  struct Neighbours {
    std::array<std::int64_t, 2> place;
    std::array<float, 2> weight;
  };

  /// Calls `work(output point, input point, weight)` for every share that an output point has in an input point, in
  /// floats from the start of the images.
  template <class Work>
  void for_each_share(Work&& work) const;
  template <int Block>
  void interpolate(const float* input, float* output) const;
  template <int Block>
  void return_gradient(const float* output_gradient, float* input_gradient) const;

  TensorLayout input_;
  TensorLayout output_;
  std::array<std::vector<Neighbours>, 3> neighbours_;  ///< of each place along depth, height and width
};

}  // namespace phiscope::neural
