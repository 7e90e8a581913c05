#include <algorithm>
#include <cmath>

#include "loss_kinds.hpp"
#include "phiscope/base/error.hpp"

namespace phiscope::neural {
namespace {

struct BinaryTerms {
  double weight_of_zero = 1.0, weight_of_one = 1.0, smoothing = 0.0;
};

/// Σ w₁y·ln(1 + e^{−z}) + w₀(1 − y)·ln(1 + e^z), with nothing that could overflow.
double binary_sum(std::span<const float> logits, std::span<const float> targets, const BinaryTerms& terms,
                  double normaliser, std::span<float> gradient) {
  double sum = 0.0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const auto z = static_cast<double>(logits[i]);
    const auto label = static_cast<double>(targets[i]);
    if (!(label >= 0.0 && label <= 1.0)) fail("target {} is {}, expected a label from 0 to 1", i, label);
    const double smooth = (1.0 - terms.smoothing) * label + 0.5 * terms.smoothing;
    const double one = terms.weight_of_one * smooth, zero = terms.weight_of_zero * (1.0 - smooth);
    const double small = std::exp(-std::abs(z));
    const double rest = std::log1p(small);
    sum += one * (std::max(-z, 0.0) + rest) + zero * (std::max(z, 0.0) + rest);
    if (gradient.empty()) continue;
    const double larger = 1.0 / (1.0 + small), smaller = small / (1.0 + small);
    const double slope = z >= 0.0 ? zero * larger - one * smaller : zero * smaller - one * larger;
    gradient[i] = static_cast<float>(slope / normaliser);
  }
  return sum;
}

class BinaryCrossEntropy : public Loss {
 public:
  explicit BinaryCrossEntropy(const LossSettings& settings) : Loss(settings.name) {
    terms_.smoothing = settings.label_smoothing;
    if (settings.class_weights.empty()) return;
    if (settings.class_weights.size() != 2)
      fail("{} class weights were given, binary_cross_entropy takes two: of label 0 and of label 1",
           settings.class_weights.size());
    terms_.weight_of_zero = settings.class_weights[0];
    terms_.weight_of_one = settings.class_weights[1];
  }

  bool classifies() const override { return true; }

  std::int64_t count_correct(std::span<const float> outputs, std::span<const float> targets,
                             std::int64_t samples) const override {
    const auto rows = static_cast<std::size_t>(samples);
    const std::size_t labels = targets.size() / rows;
    std::int64_t correct = 0;
    for (std::size_t sample = 0; sample < rows; ++sample) {
      bool right = true;
      for (std::size_t i = sample * labels; i < (sample + 1) * labels; ++i)
        right = right && (outputs[i] > 0.0F) == (targets[i] > 0.5F);
      correct += right ? 1 : 0;
    }
    return correct;
  }

 private:
  bool fits(std::int64_t outputs, std::int64_t targets) const override { return outputs == targets; }
  std::string outputs_wanted() const override { return "one output, a logit, for each target"; }
  double mean(std::span<const float> outputs, std::span<const float> targets, std::int64_t /*samples*/,
              std::span<float> gradient) const override {
    const auto count = static_cast<double>(outputs.size());
    return binary_sum(outputs, targets, terms_, count, gradient) / count;
  }

  BinaryTerms terms_;
};

class CategoricalCrossEntropy : public Loss {
 public:
  explicit CategoricalCrossEntropy(const LossSettings& settings)
      : Loss(settings.name), weights_(settings.class_weights), smoothing_(settings.label_smoothing) {}

  bool classifies() const override { return true; }

  std::int64_t count_correct(std::span<const float> outputs, std::span<const float> targets,
                             std::int64_t samples) const override {
    const auto rows = static_cast<std::size_t>(samples);
    const std::size_t classes = outputs.size() / rows;
    std::int64_t correct = 0;
    for (std::size_t sample = 0; sample < rows; ++sample) {
      const auto logits = outputs.subspan(sample * classes, classes);
      const auto said = std::max_element(logits.begin(), logits.end()) - logits.begin();
      correct += static_cast<float>(said) == targets[sample] ? 1 : 0;
    }
    return correct;
  }

 private:
  bool fits(std::int64_t outputs, std::int64_t targets) const override {
    return targets == 1 && outputs >= 2 && (weights_.empty() || static_cast<std::size_t>(outputs) == weights_.size());
  }
  std::string outputs_wanted() const override {
    return "one output, a logit, for each class" +
           (weights_.empty() ? std::string() : fmt::format(", {} by its class weights,", weights_.size())) +
           " and one target, the class";
  }

  double mean(std::span<const float> outputs, std::span<const float> targets, std::int64_t samples,
              std::span<float> gradient) const override {
    const auto rows = static_cast<std::size_t>(samples);
    const std::size_t classes = outputs.size() / rows;
    double sum = 0.0;
    for (std::size_t sample = 0; sample < rows; ++sample) {
      const auto target = static_cast<double>(targets[sample]);
      if (!(target >= 0.0 && target < static_cast<double>(classes) && target == std::floor(target)))
        fail("target {} is {}, expected a class from 0 to {}", sample, target, classes - 1);
      const auto row = gradient.empty() ? gradient : gradient.subspan(sample * classes, classes);
      sum += of_sample(outputs.subspan(sample * classes, classes), static_cast<std::size_t>(target),
                       static_cast<double>(samples), row);
    }
    return sum / static_cast<double>(samples);
  }

  double of_sample(std::span<const float> logits, std::size_t target, double samples, std::span<float> gradient) const {
    const auto largest = static_cast<double>(*std::max_element(logits.begin(), logits.end()));
    double total = 0.0;
    for (const float logit : logits) total += std::exp(static_cast<double>(logit) - largest);
    const double log_total = std::log(total);
    const auto share = [&](std::size_t c) {
      const double label = (c == target ? 1.0 - smoothing_ : 0.0) + smoothing_ / static_cast<double>(logits.size());
      return label * (weights_.empty() ? 1.0 : weights_[c]);
    };
    double loss = 0.0, shares = 0.0;
    for (std::size_t c = 0; c < logits.size(); ++c) {
      loss += share(c) * (largest - static_cast<double>(logits[c]) + log_total);
      shares += share(c);
    }
    for (std::size_t c = 0; c < gradient.size(); ++c) {
      const double probability = std::exp(static_cast<double>(logits[c]) - largest) / total;
      gradient[c] = static_cast<float>((probability * shares - share(c)) / samples);
    }
    return loss;
  }

  std::vector<double> weights_;
  double smoothing_;
};

}  // namespace

std::unique_ptr<Loss> make_binary_cross_entropy(const LossSettings& settings) {
  return std::make_unique<BinaryCrossEntropy>(settings);
}

std::unique_ptr<Loss> make_categorical_cross_entropy(const LossSettings& settings) {
  if (settings.class_weights.size() == 1)
    fail("1 class weight was given, categorical_cross_entropy takes one per class");
  return std::make_unique<CategoricalCrossEntropy>(settings);
}

}  // namespace phiscope::neural
