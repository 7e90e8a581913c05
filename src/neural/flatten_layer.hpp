#pragma once
#include "layer.hpp"

namespace phiscope::neural {

/// channels × extents in row-major order as one vector.
class FlattenLayer : public Layer {
 public:
  FlattenLayer(const TensorLayout& input, const TensorLayout& output);
  bool reads_input(std::size_t /*which*/) const override { return false; }
  bool overwrites_input_safely(std::size_t /*which*/) const override { return true; }
  void forward(const Forward& call) override;
  void backward(const Backward& call) override;

 private:
  /// Calls `work(offset in the input, offset in the output)` for every value of every sample.
  template <class Work>
  void for_each_value(Work&& work) const;

  TensorLayout input_;
  TensorLayout output_;
};

}  // namespace phiscope::neural
