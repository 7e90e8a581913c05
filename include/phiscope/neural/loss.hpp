#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace phiscope::neural {

struct LossSettings {
  /// binary_cross_entropy, categorical_cross_entropy, mean_squared_error, mean_absolute_error, gaussian_nll,
  /// mixture_density or moment_network.
  std::string name = "binary_cross_entropy";
  std::vector<double> class_weights = {};  ///< cross-entropies: one per class (binary: of 0, of 1); empty: all 1
  double label_smoothing = 0.0;  ///< cross-entropies: ε in [0, 1); a label y becomes (1 − ε)·y + ε/classes
  std::int64_t components = 4;   ///< mixture_density: Gaussians per target
};

const std::vector<std::string>& loss_names();

/// What a training makes small: a function of a micro-batch of outputs and of targets, both with one row per sample.
///
/// Every loss is a mean over the samples of the micro-batch, never divided by a sum of weights: the mean over the
/// lanes' micro-batches, which are all of one size, is then the mean over the whole batch, and so is the gradient. (The
/// moment network is the exception: it takes the logarithm of means over the micro-batch.) Sums are made in double, in
/// the order of the samples.
///
/// Of a sample with T targets, to be given so many outputs z:
/// - binary_cross_entropy: T logits; targets y from 0 to 1. Mean over T of −w₁·y·ln σ(z) − w₀·(1 − y)·ln σ(−z).
/// - categorical_cross_entropy: one logit per class; T = 1, the class, counted from 0. −Σ_c w_c·y_c·ln softmax(z)_c.
/// - mean_squared_error, mean_absolute_error: T. Mean over T of (z − θ)² or |z − θ|.
/// - gaussian_nll: T means µ, then T log-variances s. Mean over T of ½(s + (θ − µ)²·e^{−s} + ln 2π).
/// - mixture_density: T×K weight logits, then T×K means, then T×K ln σ. Mean over T of −ln Σ_k π_k·N(θ; µ_k, σ_k²).
/// - moment_network: T means µ, then T standard deviations σ, whose sign means nothing.
///   Σ_T ln⟨(θ − µ)²⟩ + ln⟨((θ − µ)² − σ²)²⟩ with ⟨⟩ the mean over the micro-batch: µ becomes the posterior's mean, σ
///   its standard deviation. A mean where the papers have the batch's sum changes the value by a constant and no
///   gradient. 1e-30 is added to either mean.
///
/// Class weights multiply the terms of their class; PyTorch would divide by the weights' sum over the batch.
/// gaussian_nll (Nix & Weigend 1994) and mixture_density (Bishop 1994) continue e^{−s} of s = ln σ² by its tangent
/// below −30, so that outputs of any size give a finite loss and a gradient that leads back. moment_network: Jeffrey &
/// Wandelt 2020 (arXiv:2011.05991), in the form of Villaescusa-Navarro et al. 2021 (arXiv:2109.09747).
class Loss {
 public:
  /// Throws Error on an unknown name, a setting out of range, or class weights or label smoothing where there are no
  /// classes.
  static std::unique_ptr<Loss> make(const LossSettings& settings);

  virtual ~Loss() = default;
  Loss(const Loss&) = delete;
  Loss& operator=(const Loss&) = delete;

  const std::string& name() const { return name_; }

  /// Throws Error, saying what is needed, unless a network with `outputs` values per sample can be trained on samples
  /// with `targets` values each.
  void check_outputs(std::int64_t outputs, std::int64_t targets) const;

  /// The loss of `samples` samples. Writes its gradient with respect to the outputs into `gradient` unless that is
  /// empty. Throws Error when sizes do not fit, or a target is no probability or no class.
  double evaluate(std::span<const float> outputs, std::span<const float> targets, std::int64_t samples,
                  std::span<float> gradient) const;

  /// Whether targets are classes, so that there is an accuracy.
  virtual bool classifies() const { return false; }
  /// Samples whose classes are all right: a positive logit says 1, the (first) largest logit says its class. 0 where
  /// nothing is classified. Sizes are those that evaluate() takes.
  virtual std::int64_t count_correct(std::span<const float> outputs, std::span<const float> targets,
                                     std::int64_t samples) const;

 protected:
  explicit Loss(std::string name) : name_(std::move(name)) {}

 private:
  virtual bool fits(std::int64_t outputs, std::int64_t targets) const = 0;
  /// "2 outputs per target, a mean and a log-variance".
  virtual std::string outputs_wanted() const = 0;
  /// What evaluate() promises, with sizes that fit.
  virtual double mean(std::span<const float> outputs, std::span<const float> targets, std::int64_t samples,
                      std::span<float> gradient) const = 0;

  std::string name_;
};

}  // namespace phiscope::neural
