#include "phiscope/neural/optimizer.hpp"

#include <algorithm>

#include "optimizer_kinds.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/suggestion.hpp"

namespace phiscope::neural {
namespace {

void check_settings(const OptimizerSettings& settings) {
  const auto in_unit = [](double value) { return value >= 0.0 && value < 1.0; };
  const double momentum = settings.momentum.value_or(0.9);
  if (!(settings.learning_rate >= 0.0))
    fail("the learning rate is {}, but must not be negative", settings.learning_rate);
  if (!in_unit(momentum)) fail("the momentum is {}, but must be at least 0 and below 1", momentum);
  if (!in_unit(settings.beta1) || !in_unit(settings.beta2)) {
    fail("beta1 and beta2 are {} and {}, but must be at least 0 and below 1", settings.beta1, settings.beta2);
  }
  if (!in_unit(settings.alpha)) fail("alpha is {}, but must be at least 0 and below 1", settings.alpha);
  if (!(settings.epsilon > 0.0)) fail("epsilon is {}, but must be positive", settings.epsilon);
  if (!(settings.weight_decay >= 0.0)) fail("the weight decay is {}, but must not be negative", settings.weight_decay);
  if (settings.nesterov && settings.name != "sgd") fail("nesterov is for sgd, the optimiser is {}", settings.name);
  if (settings.nesterov && momentum == 0.0) fail("nesterov needs a momentum above 0");
  if (settings.centered && settings.name != "rmsprop")
    fail("centered is for rmsprop, the optimiser is {}", settings.name);
}

void check_spans(std::span<const ParameterSpan> spans, std::size_t parameters) {
  std::size_t end = 0;
  for (const auto& span : spans) {
    if (span.offset < end || span.length > parameters || span.offset > parameters - span.length)
      fail("a parameter at {} of length {} does not fit behind {} into an arena of {}", span.offset, span.length, end,
           parameters);
    end = span.offset + span.length;
  }
}

}  // namespace

const std::vector<std::string>& optimizer_names() {
  static const std::vector<std::string> names{"adam", "adamw", "sgd", "rmsprop", "lamb"};
  return names;
}

std::unique_ptr<Optimizer> Optimizer::make(const OptimizerSettings& settings, std::size_t parameters,
                                           std::span<const ParameterSpan> spans) {
  const auto& names = optimizer_names();
  if (std::find(names.begin(), names.end(), settings.name) == names.end()) {
    const std::string near = nearest_word(settings.name, names);
    fail("unknown optimiser '{}'{} (known: {})", settings.name, near.empty() ? "" : ", did you mean '" + near + "'?",
         fmt::join(names, ", "));
  }
  check_settings(settings);
  check_spans(spans, parameters);
  if (settings.name == "sgd") return make_sgd(settings, parameters);
  if (settings.name == "rmsprop") return make_rmsprop(settings, parameters);
  if (settings.name == "lamb") {
    const ParameterSpan all{0, parameters};
    return make_lamb(settings, parameters, spans.empty() ? std::span(&all, 1) : spans);
  }
  return make_adam(settings, parameters);
}

void Optimizer::step(std::span<float> parameters, std::span<const float> gradients, double scale) {
  if (parameters.size() != size_ || gradients.size() < size_) {
    fail("the optimiser was made for {} parameters, but was given {} and {} gradients", size_, parameters.size(),
         gradients.size());
  }
  ++steps_;
  update(parameters.data(), gradients.data(), static_cast<float>(scale));
}

}  // namespace phiscope::neural
