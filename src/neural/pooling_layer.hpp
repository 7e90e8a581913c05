#pragma once
#include <array>

#include "layer.hpp"
#include "phiscope/neural/layer_description.hpp"

namespace phiscope::neural {

/// Maximum or average over a window. Of equal maxima the first in row-major order counts; which point of its window
/// each maximum was is kept in a byte for the backward pass, so that nothing of the input is needed there.
class PoolingLayer : public Layer {
 public:
  PoolingLayer(const TensorLayout& input, const TensorLayout& output, const PoolingSettings& settings);

  std::size_t own_memory() const override;
  void bind(LayerMemory memory) override;
  bool reads_input(std::size_t /*which*/) const override { return false; }
  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  /// One point of every window.
  struct WindowPoint {
    std::array<std::int64_t, 3> place;  ///< from the window's corner
    std::int64_t step;                  ///< floats from the corner to it
  };
  /// The window of one point of the output. Offsets are in floats from the start of the image.
  struct Window {
    std::array<std::int64_t, 3> corner;  ///< in the input; negative in the padding
    bool whole;                          ///< no point of it is padding
    std::int64_t start;                  ///< offset of the corner
    std::int64_t output;                 ///< offset of the output's point
    std::int64_t count;                  ///< points before this one
  };

  template <int Block>
  void take_maximum(const float* input, float* output);
  template <int Block>
  void return_maximum(const float* output_gradient, float* input_gradient) const;
  template <int Block>
  void take_average(const float* input, float* output) const;
  template <int Block>
  void return_average(const float* output_gradient, float* input_gradient) const;
  template <class Work>
  void for_each_window(Work&& work) const;
  /// Calls `work(offset, k)` for each point k of the window that lies in the input.
  template <class Work>
  void for_each_point(const Window& window, Work&& work) const;
  /// Windows neither overlap nor leave gaps: each point of the input belongs to exactly one.
  bool tiles() const;

  TensorLayout input_;
  TensorLayout output_;
  std::array<std::int64_t, 3> kernel_{1, 1, 1};
  std::array<std::int64_t, 3> stride_{1, 1, 1};
  std::array<std::int64_t, 3> padding_{0, 0, 0};
  std::vector<WindowPoint> window_;
  bool maximum_;
  std::vector<std::uint8_t> chosen_;  ///< in the layout of the output without its halo
};

}  // namespace phiscope::neural
