#include <cmath>

#include "arena_chunks.hpp"
#include "float_arena.hpp"
#include "optimizer_kinds.hpp"

namespace phiscope::neural {
namespace {

/// Kingma & Ba 2015 (arXiv:1412.6980), algorithm 1; and with decoupled weight decay, Loshchilov & Hutter 2019
/// (arXiv:1711.05101), algorithm 2 in PyTorch's form: the decay is multiplied by the learning rate.
class Adam : public Optimizer {
 public:
  Adam(const OptimizerSettings& settings, std::size_t parameters)
      : Optimizer(settings.learning_rate, parameters), settings_(settings), first_(parameters), second_(parameters) {}

  std::vector<std::span<float>> moments() override { return {first_.values(), second_.values()}; }

 private:
  void update(float* parameters, const float* gradients, float scale) override {
    const auto time = static_cast<double>(steps());
    const bool decoupled = settings_.name == "adamw";
    const auto rate = static_cast<float>(learning_rate / (1.0 - std::pow(settings_.beta1, time)));
    const auto correction = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(settings_.beta2, time)));
    const auto decay = static_cast<float>(decoupled ? 0.0 : settings_.weight_decay);
    const auto kept = static_cast<float>(decoupled ? 1.0 - learning_rate * settings_.weight_decay : 1.0);
    const auto epsilon = static_cast<float>(settings_.epsilon);
    const auto beta1 = static_cast<float>(settings_.beta1);
    const auto beta2 = static_cast<float>(settings_.beta2);
    // 1 − β in double first: the difference of two floats would lose half its digits for β2 near 1.
    const auto rest1 = static_cast<float>(1.0 - settings_.beta1);
    const auto rest2 = static_cast<float>(1.0 - settings_.beta2);
    float* const first = first_.data();
    float* const second = second_.data();
    for_each_chunk(size(), [=](std::size_t begin, std::size_t end) {
#pragma omp simd
      for (std::size_t i = begin; i < end; ++i) {
        const float gradient = scale * gradients[i] + decay * parameters[i];
        first[i] = beta1 * first[i] + rest1 * gradient;
        second[i] = beta2 * second[i] + rest2 * gradient * gradient;
        parameters[i] = kept * parameters[i] - rate * first[i] / (std::sqrt(second[i]) * correction + epsilon);
      }
    });
  }

  OptimizerSettings settings_;
  FloatArena first_, second_;
};

}  // namespace

std::unique_ptr<Optimizer> make_adam(const OptimizerSettings& settings, std::size_t parameters) {
  return std::make_unique<Adam>(settings, parameters);
}

}  // namespace phiscope::neural
