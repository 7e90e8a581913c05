#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace phiscope::neural {

struct OptimizerSettings {
  std::string name = "adam";  ///< "sgd" (with momentum) or "adam"
  double learning_rate = 1e-3;
  double momentum = 0.9;      ///< sgd
  double beta1 = 0.9;         ///< adam
  double beta2 = 0.999;       ///< adam
  double epsilon = 1e-8;      ///< adam
  double weight_decay = 0.0;  ///< λ of an L2 penalty λ|θ|²/2: λθ is added to the gradient
};

/// Element-wise on the flat arena; the result does not depend on the number of threads.
class Optimizer {
 public:
  /// Throws Error on an unknown name or a setting out of range.
  static std::unique_ptr<Optimizer> make(const OptimizerSettings& settings, std::size_t parameters);

  virtual ~Optimizer() = default;
  Optimizer(const Optimizer&) = delete;
  Optimizer& operator=(const Optimizer&) = delete;

  /// One step downhill. Uses the first parameters.size() entries of `gradients`.
  virtual void step(std::span<float> parameters, std::span<const float> gradients) = 0;
  /// State to be kept in a checkpoint besides steps(), in the arena's layout: sgd one (velocity), adam two (first,
  /// second moment).
  virtual std::vector<std::span<float>> moments() = 0;

  /// Steps done so far.
  std::int64_t steps() const { return steps_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }

  /// May change from step to step (schedules).
  double learning_rate;

 protected:
  explicit Optimizer(double rate) : learning_rate(rate) {}
  std::int64_t steps_ = 0;
};

}  // namespace phiscope::neural
