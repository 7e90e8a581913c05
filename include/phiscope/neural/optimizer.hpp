#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "phiscope/neural/parameter_span.hpp"

namespace phiscope::neural {

struct OptimizerSettings {
  std::string name = "adam";  ///< sgd, adam, adamw, rmsprop or lamb
  double learning_rate = 1e-3;
  std::optional<double> momentum{};  ///< sgd (0.9 unless given) and rmsprop (0 unless given)
  bool nesterov = false;             ///< sgd
  double beta1 = 0.9;                ///< adam, adamw, lamb
  double beta2 = 0.999;              ///< adam, adamw, lamb
  double epsilon = 1e-8;             ///< all but sgd
  double alpha = 0.99;               ///< rmsprop: how much of the mean square is kept from step to step
  bool centered = false;             ///< rmsprop: by the variance of the gradient in place of its mean square
  /// λ. sgd, adam, rmsprop: of an L2 penalty λ|θ|²/2, so that λθ is added to the gradient. adamw: θ shrinks by
  /// rate·λ·θ besides. lamb: λθ is added to the update before its length is set.
  double weight_decay = 0.0;
};

const std::vector<std::string>& optimizer_names();

/// Works in place on the flat arena, one pass over memory with all threads (lamb: two). The result does not depend on
/// the number of threads. A parameter of 0 whose gradient is 0 in every step stays exactly 0.
class Optimizer {
 public:
  /// `spans`: the parameter tensors, ascending and apart, for lamb, which sets the length of each one's update; none:
  /// all are one tensor. Throws Error on an unknown name, a setting out of range or spans that do not fit.
  static std::unique_ptr<Optimizer> make(const OptimizerSettings& settings, std::size_t parameters,
                                         std::span<const ParameterSpan> spans = {});

  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// One step downhill along scale × gradients. Uses the first parameters.size() entries of `gradients`.
  /// Throws Error when lengths do not fit.
  void step(std::span<float> parameters, std::span<const float> gradients, double scale = 1.0);

  /// State to be kept in a checkpoint besides steps(), in the arena's layout: sgd with momentum one (velocity), adam,
  /// adamw and lamb two (first, second moment), rmsprop one to three (mean square; mean, if centred; velocity, if any).
  virtual std::vector<std::span<float>> moments() = 0;

  /// Steps done so far.
  std::int64_t steps() const { return steps_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }

  /// May change from step to step (schedules).
  double learning_rate;

 protected:
  Optimizer(double rate, std::size_t parameters) : learning_rate(rate), size_(parameters) {}
  std::size_t size() const { return size_; }

 private:
  /// steps() counts the step that is being done.
  virtual void update(float* parameters, const float* gradients, float scale) = 0;

  std::size_t size_;
  std::int64_t steps_ = 0;
};

}  // namespace phiscope::neural
