#pragma once
#include <array>

#include "layer.hpp"
#include "phiscope/neural/layer_description.hpp"

namespace phiscope::neural {

/// Maximum or average over a window, without padding. Of equal maxima the first in row-major order counts.
class PoolingLayer : public Layer {
 public:
  PoolingLayer(const TensorLayout& input, const TensorLayout& output, const PoolingSettings& settings);
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  template <int Block>
  void take_maximum(const float* input, float* output);
  template <int Block>
  void return_maximum(const float* output_gradient, float* input_gradient) const;
  template <int Block>
  void take_average(const float* input, float* output) const;
  template <int Block>
  void return_average(const float* output_gradient, float* input_gradient) const;
  /// Calls `work(output point, count of the point, input corner)` for each point of an image, in floats from its start.
  template <class Work>
  void for_each_point(Work&& work) const;

  TensorLayout input_;
  TensorLayout output_;
  std::array<std::int64_t, 3> stride_{1, 1, 1};
  std::vector<std::int64_t> window_;  ///< floats from the corner of a window to each of its points
  bool maximum_;
  std::vector<std::int32_t> chosen_;  ///< which point of the window was the largest, in the layout of the output
};

}  // namespace phiscope::neural
