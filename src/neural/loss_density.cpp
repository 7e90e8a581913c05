#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "loss_kinds.hpp"

namespace phiscope::neural {
namespace {

/// e^{−s} of a log-variance s, continued by its tangent below s = −30, and its derivative.
struct Precision {
  double value, slope;
};
Precision precision(double log_variance) {
  constexpr double least = -30.0;
  const double value = std::exp(-std::max(log_variance, least));
  return {log_variance < least ? value * (1.0 + least - log_variance) : value, -value};
}

const double log_two_pi = std::log(2.0 * std::numbers::pi);

/// Means first, then as many log-variances.
class GaussianLikelihood : public Loss {
 public:
  explicit GaussianLikelihood(const LossSettings& settings) : Loss(settings.name) {}

 private:
  bool fits(std::int64_t outputs, std::int64_t targets) const override { return outputs == 2 * targets; }
  std::string outputs_wanted() const override { return "two outputs, a mean and a log-variance, for each target"; }
  double mean(std::span<const float> outputs, std::span<const float> targets, std::int64_t samples,
              std::span<float> gradient) const override {
    const std::size_t width = targets.size() / static_cast<std::size_t>(samples);
    const auto count = static_cast<double>(targets.size());
    double sum = 0.0;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const std::size_t at = i + i / width * width;  // the mean's place: samples are 2·width apart
      const double residual = static_cast<double>(outputs[at]) - static_cast<double>(targets[i]);
      const auto log_variance = static_cast<double>(outputs[at + width]);
      const Precision p = precision(log_variance);
      sum += 0.5 * (log_variance + residual * residual * p.value + log_two_pi);
      if (gradient.empty()) continue;
      gradient[at] = static_cast<float>(residual * p.value / count);
      gradient[at + width] = static_cast<float>(0.5 * (1.0 + residual * residual * p.slope) / count);
    }
    return sum / count;
  }
};

/// All weight logits of a sample (targets × components), then all means, then all ln σ.
class MixtureDensity : public Loss {
 public:
  explicit MixtureDensity(const LossSettings& settings)
      : Loss(settings.name), components_(static_cast<std::size_t>(settings.components)) {}

 private:
  bool fits(std::int64_t outputs, std::int64_t targets) const override {
    return outputs == 3 * static_cast<std::int64_t>(components_) * targets;
  }
  std::string outputs_wanted() const override {
    return fmt::format("3×{} outputs (weight, mean, ln σ of {} components) for each target", components_, components_);
  }

  double mean(std::span<const float> outputs, std::span<const float> targets, std::int64_t samples,
              std::span<float> gradient) const override {
    const std::size_t kind = targets.size() / static_cast<std::size_t>(samples) * components_;
    std::vector<double> log_terms(components_);
    double sum = 0.0;
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const std::size_t at = i * components_ + i * components_ / kind * (2 * kind);
      sum += of_target(outputs, static_cast<double>(targets[i]), at, kind, static_cast<double>(targets.size()),
                       log_terms, gradient);
    }
    return sum / static_cast<double>(targets.size());
  }

  /// `at`: place of the first weight logit; means and ln σ follow at distances of `kind`.
  double of_target(std::span<const float> outputs, double target, std::size_t at, std::size_t kind, double count,
                   std::vector<double>& log_terms, std::span<float> gradient) const {
    const auto value = [&](std::size_t place) { return static_cast<double>(outputs[place]); };
    const auto log_sum_exp = [&](auto&& term) {
      double largest = term(std::size_t{0}), sum = 0.0;
      for (std::size_t k = 1; k < components_; ++k) largest = std::max(largest, term(k));
      for (std::size_t k = 0; k < components_; ++k) sum += std::exp(term(k) - largest);
      return largest + std::log(sum);
    };
    const double log_weights = log_sum_exp([&](std::size_t k) { return value(at + k); });
    for (std::size_t k = 0; k < components_; ++k) {
      const double residual = value(at + kind + k) - target, log_variance = 2.0 * value(at + 2 * kind + k);
      log_terms[k] = value(at + k) - log_weights -
                     0.5 * (residual * residual * precision(log_variance).value + log_variance + log_two_pi);
    }
    const double log_density = log_sum_exp([&](std::size_t k) { return log_terms[k]; });
    if (gradient.empty()) return -log_density;
    for (std::size_t k = 0; k < components_; ++k) {
      const double weight = std::exp(value(at + k) - log_weights), posterior = std::exp(log_terms[k] - log_density);
      const double residual = value(at + kind + k) - target;
      const Precision p = precision(2.0 * value(at + 2 * kind + k));
      gradient[at + k] = static_cast<float>((weight - posterior) / count);
      gradient[at + kind + k] = static_cast<float>(posterior * residual * p.value / count);
      gradient[at + 2 * kind + k] = static_cast<float>(posterior * (1.0 + residual * residual * p.slope) / count);
    }
    return -log_density;
  }

  std::size_t components_;
};

/// Means first, then as many standard deviations.
class MomentNetwork : public Loss {
 public:
  explicit MomentNetwork(const LossSettings& settings) : Loss(settings.name) {}

 private:
  bool fits(std::int64_t outputs, std::int64_t targets) const override { return outputs == 2 * targets; }
  std::string outputs_wanted() const override {
    return "two outputs, a mean and a standard deviation, for each target";
  }
  double mean(std::span<const float> outputs, std::span<const float> targets, std::int64_t samples,
              std::span<float> gradient) const override {
    constexpr double least = 1e-30;
    const auto rows = static_cast<std::size_t>(samples);
    const auto count = static_cast<double>(samples);
    const std::size_t width = targets.size() / rows;
    double loss = 0.0;
    for (std::size_t t = 0; t < width; ++t) {
      const auto residual = [&](std::size_t row) {
        return static_cast<double>(outputs[2 * row * width + t]) - static_cast<double>(targets[row * width + t]);
      };
      const auto deviation = [&](std::size_t row) { return static_cast<double>(outputs[(2 * row + 1) * width + t]); };
      const auto excess = [&](std::size_t row) {
        return residual(row) * residual(row) - deviation(row) * deviation(row);
      };
      double of_mean = 0.0, of_variance = 0.0;
      for (std::size_t row = 0; row < rows; ++row) {
        of_mean += residual(row) * residual(row);
        of_variance += excess(row) * excess(row);
      }
      of_mean = of_mean / count + least;
      of_variance = of_variance / count + least;
      loss += std::log(of_mean) + std::log(of_variance);
      if (gradient.empty()) continue;
      for (std::size_t row = 0; row < rows; ++row) {
        const double pull = 2.0 * excess(row) / of_variance;
        gradient[2 * row * width + t] = static_cast<float>(2.0 * residual(row) * (1.0 / of_mean + pull) / count);
        gradient[(2 * row + 1) * width + t] = static_cast<float>(-2.0 * deviation(row) * pull / count);
      }
    }
    return loss;
  }
};

}  // namespace

std::unique_ptr<Loss> make_gaussian_likelihood(const LossSettings& settings) {
  return std::make_unique<GaussianLikelihood>(settings);
}
std::unique_ptr<Loss> make_mixture_density(const LossSettings& settings) {
  return std::make_unique<MixtureDensity>(settings);
}
std::unique_ptr<Loss> make_moment_network(const LossSettings& settings) {
  return std::make_unique<MomentNetwork>(settings);
}

}  // namespace phiscope::neural
