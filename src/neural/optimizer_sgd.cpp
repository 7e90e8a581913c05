#include "arena_chunks.hpp"
#include "float_arena.hpp"
#include "optimizer_kinds.hpp"

namespace phiscope::neural {
namespace {

/// g + λθ → g; v ← μ·v + g; θ ← θ − rate·v, with Nesterov's momentum θ ← θ − rate·(g + μ·v): PyTorch's form, without
/// dampening (Sutskever et al. 2013 with the rate taken out of the velocity).
class StochasticGradientDescent : public Optimizer {
 public:
  StochasticGradientDescent(const OptimizerSettings& settings, std::size_t parameters)
      : Optimizer(settings.learning_rate, parameters),
        momentum_(static_cast<float>(settings.momentum.value_or(0.9))),
        nesterov_(settings.nesterov),
        decay_(static_cast<float>(settings.weight_decay)) {
    if (momentum_ > 0.0F) velocity_ = FloatArena(parameters);
  }

  std::vector<std::span<float>> moments() override {
    if (momentum_ > 0.0F) return {velocity_.values()};
    return {};
  }

 private:
  void update(float* parameters, const float* gradients, float scale) override {
    const auto rate = static_cast<float>(learning_rate);
    const float decay = decay_, momentum = momentum_;
    if (momentum == 0.0F) {
      for_each_chunk(size(), [=](std::size_t begin, std::size_t end) {
#pragma omp simd
        for (std::size_t i = begin; i < end; ++i)
          parameters[i] -= rate * (scale * gradients[i] + decay * parameters[i]);
      });
      return;
    }
    // θ − rate·(a·g + b·v) covers both kinds of momentum.
    const float of_gradient = nesterov_ ? 1.0F : 0.0F, of_velocity = nesterov_ ? momentum : 1.0F;
    float* const velocity = velocity_.data();
    for_each_chunk(size(), [=](std::size_t begin, std::size_t end) {
#pragma omp simd
      for (std::size_t i = begin; i < end; ++i) {
        const float gradient = scale * gradients[i] + decay * parameters[i];
        velocity[i] = momentum * velocity[i] + gradient;
        parameters[i] -= rate * (of_gradient * gradient + of_velocity * velocity[i]);
      }
    });
  }

  float momentum_;
  bool nesterov_;
  float decay_;
  FloatArena velocity_;
};

}  // namespace

std::unique_ptr<Optimizer> make_sgd(const OptimizerSettings& settings, std::size_t parameters) {
  return std::make_unique<StochasticGradientDescent>(settings, parameters);
}

}  // namespace phiscope::neural
