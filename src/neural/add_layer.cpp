#include "add_layer.hpp"

#include "halo.hpp"

namespace phiscope::neural {

AddLayer::AddLayer(std::vector<TensorLayout> inputs, const TensorLayout& output)
    : inputs_(std::move(inputs)), output_(output) {}

void AddLayer::forward(const Forward& call) {
  copy_interior(inputs_[0], call.inputs[0], output_, call.output);
  for (std::size_t i = 1; i < inputs_.size(); ++i) add_interior(inputs_[i], call.inputs[i], output_, call.output);
  fill_halos(output_, call.output);
}

void AddLayer::backward(const Backward& call) {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    if (call.input_gradients[i] != nullptr) {
      copy_interior(output_, call.output_gradient, inputs_[i], call.input_gradients[i]);
    }
  }
}

}  // namespace phiscope::neural
