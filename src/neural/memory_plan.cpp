#include "memory_plan.hpp"

#include <algorithm>

#include "buffer_plan.hpp"

namespace phiscope::neural {
namespace {

/// Time counts steps: forward 0 … n−1, the loss at n, backward of step i at 2n − i.
class Planner {
 public:
  explicit Planner(const NetworkSteps& network)
      : network_(network),
        end_(static_cast<int>(network.steps.size())),
        value_born_(network.tensors.size(), -1),
        value_read_(network.tensors.size(), -1),
        gradient_born_(network.tensors.size(), 2 * end_ + 1),
        gradient_read_(network.tensors.size(), 2 * end_ + 1) {}

  MemoryPlan plan() {
    find_lives();
    plan_.value.resize(network_.tensors.size());
    plan_.gradient.resize(network_.tensors.size());
    for (std::size_t tensor = 0; tensor < network_.tensors.size(); ++tensor) plan_tensor(tensor);
    plan_.steps.resize(network_.steps.size());
    std::vector<bool> written(network_.tensors.size(), false);
    written[network_.steps.back().output] = true;
    for (std::size_t i = network_.steps.size(); i-- > 0;) plan_step(i, written);
    place();
    for (std::size_t i = 0; i < network_.steps.size(); ++i) {
      for (std::size_t k = 0; k < network_.steps[i].inputs.size(); ++k) {
        if (!plan_.steps[i].adds[k]) plan_.steps[i].target[k] = plan_.gradient[network_.steps[i].inputs[k]];
      }
    }
    return std::move(plan_);
  }

 private:
  struct Buffer {
    std::size_t size;
    int first, last;
    std::vector<std::size_t*> users;
  };

  int backward_time(std::size_t step) const { return 2 * end_ - static_cast<int>(step); }
  std::size_t size_of(std::size_t tensor) const { return static_cast<std::size_t>(network_.tensors[tensor].floats()); }

  void find_lives() {
    const auto read = [&](std::size_t tensor, int time) {
      int& last = value_read_[network_.value_of[tensor]];
      last = std::max(last, time);
    };
    for (std::size_t i = 0; i < network_.steps.size(); ++i) {
      const auto& step = network_.steps[i];
      value_born_[step.output] = static_cast<int>(i);
      gradient_read_[step.output] = backward_time(i);
      read(step.output, static_cast<int>(i));
      if (step.layer->reads_output()) read(step.output, backward_time(i));
      for (std::size_t k = 0; k < step.inputs.size(); ++k) {
        read(step.inputs[k], step.layer->reads_input(k) ? backward_time(i) : static_cast<int>(i));
        gradient_born_[step.inputs[k]] = backward_time(i);
      }
    }
    const std::size_t last = network_.steps.back().output;
    read(last, end_);
    gradient_born_[last] = end_;
  }

  /// The gradient may take the value's place: nobody reads the value after the gradient's first writer, who can cope.
  bool in_place(std::size_t tensor) const {
    if (network_.value_of[tensor] != tensor || value_read_[tensor] != gradient_born_[tensor]) return false;
    if (gradient_born_[tensor] == end_) return true;
    const auto& step = network_.steps[static_cast<std::size_t>(2 * end_ - gradient_born_[tensor])];
    std::size_t slots = 0;
    std::size_t slot = 0;
    for (std::size_t k = 0; k < step.inputs.size(); ++k) {
      if (network_.value_of[step.inputs[k]] != tensor) continue;
      ++slots;
      slot = k;
    }
    return slots == 1 && step.inputs[slot] == tensor && step.layer->overwrites_input_safely(slot);
  }

  void plan_tensor(std::size_t tensor) {
    const bool owner = network_.value_of[tensor] == tensor;
    if (in_place(tensor)) {
      buffers_.push_back({size_of(tensor),
                          value_born_[tensor],
                          gradient_read_[tensor],
                          {&plan_.value[tensor], &plan_.gradient[tensor]}});
      return;
    }
    if (owner) {
      buffers_.push_back({size_of(tensor), value_born_[tensor], value_read_[tensor], {&plan_.value[tensor]}});
    }
    buffers_.push_back({size_of(tensor), gradient_born_[tensor], gradient_read_[tensor], {&plan_.gradient[tensor]}});
  }

  void plan_step(std::size_t i, std::vector<bool>& written) {
    const auto& inputs = network_.steps[i].inputs;
    plan_.steps[i].target.resize(inputs.size());
    for (std::size_t k = 0; k < inputs.size(); ++k) {
      plan_.steps[i].adds.push_back(written[inputs[k]]);
      if (written[inputs[k]]) {
        buffers_.push_back({size_of(inputs[k]), backward_time(i), backward_time(i), {&plan_.steps[i].target[k]}});
      }
      written[inputs[k]] = true;
    }
  }

  /// The largest first: what is small fits into the gaps.
  void place() {
    std::stable_sort(buffers_.begin(), buffers_.end(),
                     [](const Buffer& a, const Buffer& b) { return a.size > b.size; });
    BufferPlan places;
    for (const auto& buffer : buffers_) {
      const std::size_t offset = places.add(buffer.size, buffer.first, buffer.last);
      for (std::size_t* const user : buffer.users) *user = offset;
    }
    for (std::size_t tensor = 0; tensor < network_.tensors.size(); ++tensor) {
      plan_.value[tensor] = plan_.value[network_.value_of[tensor]];
    }
    plan_.size = places.size();
  }

  const NetworkSteps& network_;
  int end_;
  std::vector<int> value_born_, value_read_;
  std::vector<int> gradient_born_, gradient_read_;
  std::vector<Buffer> buffers_;
  MemoryPlan plan_;
};

}  // namespace

MemoryPlan plan_memory(const NetworkSteps& network) {
  return Planner(network).plan();
}

}  // namespace phiscope::neural
