#include <algorithm>
#include <cmath>

#include "arena_chunks.hpp"
#include "float_arena.hpp"
#include "optimizer_kinds.hpp"

namespace phiscope::neural {
namespace {

/// Tieleman & Hinton 2012, centred as in Graves 2013 (arXiv:1308.0850), in PyTorch's form: s ← α·s + (1 − α)·g²,
/// a = √s + ε or, with the mean m ← α·m + (1 − α)·g, √(s − m²) + ε; v ← μ·v + g/a; θ ← θ − rate·v. Here s − m² is taken
/// as 0 where rounding makes it negative.
class RmsProp : public Optimizer {
 public:
  RmsProp(const OptimizerSettings& settings, std::size_t parameters)
      : Optimizer(settings.learning_rate, parameters), settings_(settings), mean_square_(parameters) {
    if (settings.centered) mean_ = FloatArena(parameters);
    if (momentum() > 0.0F) velocity_ = FloatArena(parameters);
  }

  std::vector<std::span<float>> moments() override {
    std::vector<std::span<float>> kept{mean_square_.values()};
    if (settings_.centered) kept.push_back(mean_.values());
    if (momentum() > 0.0F) kept.push_back(velocity_.values());
    return kept;
  }

 private:
  float momentum() const { return static_cast<float>(settings_.momentum.value_or(0.0)); }

  void update(float* parameters, const float* gradients, float scale) override {
    const bool moves = momentum() > 0.0F;
    if (settings_.centered) {
      moves ? update_as<true, true>(parameters, gradients, scale)
            : update_as<true, false>(parameters, gradients, scale);
    } else {
      moves ? update_as<false, true>(parameters, gradients, scale)
            : update_as<false, false>(parameters, gradients, scale);
    }
  }

  template <bool centered, bool moves>
  void update_as(float* parameters, const float* gradients, float scale) {
    const auto rate = static_cast<float>(learning_rate);
    const auto decay = static_cast<float>(settings_.weight_decay);
    const auto epsilon = static_cast<float>(settings_.epsilon);
    const auto alpha = static_cast<float>(settings_.alpha);
    const auto rest = static_cast<float>(1.0 - settings_.alpha);
    const float momentum = this->momentum();
    float* const mean_square = mean_square_.data();
    float* const mean = mean_.data();
    float* const velocity = velocity_.data();
    for_each_chunk(size(), [=](std::size_t begin, std::size_t end) {
#pragma omp simd
      for (std::size_t i = begin; i < end; ++i) {
        const float gradient = scale * gradients[i] + decay * parameters[i];
        mean_square[i] = alpha * mean_square[i] + rest * gradient * gradient;
        float square = mean_square[i];
        if constexpr (centered) {
          mean[i] = alpha * mean[i] + rest * gradient;
          square = std::max(square - mean[i] * mean[i], 0.0F);
        }
        float direction = gradient / (std::sqrt(square) + epsilon);
        if constexpr (moves) direction = velocity[i] = momentum * velocity[i] + direction;
        parameters[i] -= rate * direction;
      }
    });
  }

  OptimizerSettings settings_;
  FloatArena mean_square_, mean_, velocity_;
};

}  // namespace

std::unique_ptr<Optimizer> make_rmsprop(const OptimizerSettings& settings, std::size_t parameters) {
  return std::make_unique<RmsProp>(settings, parameters);
}

}  // namespace phiscope::neural
