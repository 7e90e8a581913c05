#include "phiscope/neural/optimizer.hpp"

#include <array>
#include <cmath>

#include "phiscope/base/error.hpp"
#include "phiscope/base/suggestion.hpp"

namespace phiscope::neural {
namespace {

void check_sizes(std::span<const float> parameters, std::span<const float> gradients, std::size_t expected) {
  if (parameters.size() != expected || gradients.size() < expected) {
    fail("the optimiser was made for {} parameters, but was given {} and {} gradients", expected, parameters.size(),
         gradients.size());
  }
}

/// v ← μ·v + g, θ ← θ − rate·v (PyTorch's form of Polyak's momentum, without dampening).
class StochasticGradientDescent : public Optimizer {
 public:
  StochasticGradientDescent(const OptimizerSettings& settings, std::size_t parameters)
      : Optimizer(settings.learning_rate),
        momentum_(static_cast<float>(settings.momentum)),
        decay_(static_cast<float>(settings.weight_decay)),
        velocity_(parameters, 0.0F) {}

  void step(std::span<float> parameters, std::span<const float> gradients) override {
    check_sizes(parameters, gradients, velocity_.size());
    ++steps_;
    const auto rate = static_cast<float>(learning_rate);
    const std::size_t count = velocity_.size();
#pragma omp parallel for simd schedule(static)
    for (std::size_t i = 0; i < count; ++i) {
      const float gradient = gradients[i] + decay_ * parameters[i];
      velocity_[i] = momentum_ * velocity_[i] + gradient;
      parameters[i] -= rate * velocity_[i];
    }
  }

  std::vector<std::span<float>> moments() override {
    return {velocity_};
  }

 private:
  float momentum_;
  float decay_;
  std::vector<float> velocity_;
};

/// Kingma & Ba 2015 (arXiv:1412.6980), algorithm 1.
class Adam : public Optimizer {
 public:
  Adam(const OptimizerSettings& settings, std::size_t parameters)
      : Optimizer(settings.learning_rate), settings_(settings), first_(parameters, 0.0F), second_(parameters, 0.0F) {}

  void step(std::span<float> parameters, std::span<const float> gradients) override {
    check_sizes(parameters, gradients, first_.size());
    ++steps_;
    const auto time = static_cast<double>(steps_);
    const auto rate = static_cast<float>(learning_rate / (1.0 - std::pow(settings_.beta1, time)));
    const auto correction = static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(settings_.beta2, time)));
    const auto decay = static_cast<float>(settings_.weight_decay);
    const auto epsilon = static_cast<float>(settings_.epsilon);
    const auto beta1 = static_cast<float>(settings_.beta1);
    const auto beta2 = static_cast<float>(settings_.beta2);
    // 1 − β in double first: the difference of two floats would lose half its digits for β2 near 1.
    const auto rest1 = static_cast<float>(1.0 - settings_.beta1);
    const auto rest2 = static_cast<float>(1.0 - settings_.beta2);
    const std::size_t count = first_.size();
#pragma omp parallel for simd schedule(static)
    for (std::size_t i = 0; i < count; ++i) {
      const float gradient = gradients[i] + decay * parameters[i];
      first_[i] = beta1 * first_[i] + rest1 * gradient;
      second_[i] = beta2 * second_[i] + rest2 * gradient * gradient;
      parameters[i] -= rate * first_[i] / (std::sqrt(second_[i]) * correction + epsilon);
    }
  }

  std::vector<std::span<float>> moments() override {
    return {first_, second_};
  }

 private:
  OptimizerSettings settings_;
  std::vector<float> first_;
  std::vector<float> second_;
};

void check_settings(const OptimizerSettings& settings) {
  const auto in_unit = [](double value) { return value >= 0.0 && value < 1.0; };
  if (!(settings.learning_rate >= 0.0))
    fail("the learning rate is {}, but must not be negative", settings.learning_rate);
  if (!in_unit(settings.momentum)) fail("the momentum is {}, but must be at least 0 and below 1", settings.momentum);
  if (!in_unit(settings.beta1) || !in_unit(settings.beta2)) {
    fail("beta1 and beta2 are {} and {}, but must be at least 0 and below 1", settings.beta1, settings.beta2);
  }
  if (!(settings.epsilon > 0.0)) fail("epsilon is {}, but must be positive", settings.epsilon);
  if (!(settings.weight_decay >= 0.0)) fail("the weight decay is {}, but must not be negative", settings.weight_decay);
}

}  // namespace

std::unique_ptr<Optimizer> Optimizer::make(const OptimizerSettings& settings, std::size_t parameters) {
  check_settings(settings);
  if (settings.name == "sgd") return std::make_unique<StochasticGradientDescent>(settings, parameters);
  if (settings.name == "adam") return std::make_unique<Adam>(settings, parameters);
  static const std::array<std::string, 2> known{"sgd", "adam"};
  const std::string near = nearest_word(settings.name, known);
  fail("unknown optimiser '{}'{} (known: sgd, adam)", settings.name,
       near.empty() ? "" : ", did you mean '" + near + "'?");
}

}  // namespace phiscope::neural
