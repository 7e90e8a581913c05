#include "phiscope/neural/loss.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "loss_kinds.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/suggestion.hpp"

namespace phiscope::neural {
namespace {

struct Kind {
  std::string_view name;
  std::unique_ptr<Loss> (*make)(const LossSettings&);
  bool has_classes;
};

constexpr std::array<Kind, 7> kinds{{{"binary_cross_entropy", make_binary_cross_entropy, true},
                                     {"categorical_cross_entropy", make_categorical_cross_entropy, true},
                                     {"mean_squared_error", make_mean_squared_error, false},
                                     {"mean_absolute_error", make_mean_absolute_error, false},
                                     {"gaussian_nll", make_gaussian_likelihood, false},
                                     {"mixture_density", make_mixture_density, false},
                                     {"moment_network", make_moment_network, false}}};

void check_class_settings(const LossSettings& settings, bool has_classes) {
  const auto& weights = settings.class_weights;
  if (!has_classes && (!weights.empty() || settings.label_smoothing != 0.0))
    fail("class weights and label smoothing are for cross-entropies, the loss is {}", settings.name);
  for (const double weight : weights)
    if (!(std::isfinite(weight) && weight >= 0.0)) fail("a class weight is {}, but must not be negative", weight);
  if (!weights.empty() && std::all_of(weights.begin(), weights.end(), [](double weight) { return weight == 0.0; }))
    fail("all class weights are 0: nothing would be learnt");
  if (!(settings.label_smoothing >= 0.0 && settings.label_smoothing < 1.0))
    fail("the label smoothing is {}, but must be at least 0 and below 1", settings.label_smoothing);
}

}  // namespace

const std::vector<std::string>& loss_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const auto& kind : kinds) list.emplace_back(kind.name);
    return list;
  }();
  return names;
}

std::unique_ptr<Loss> Loss::make(const LossSettings& settings) {
  const auto* const kind =
      std::find_if(kinds.begin(), kinds.end(), [&](const Kind& k) { return k.name == settings.name; });
  if (kind == kinds.end()) {
    const std::string near = nearest_word(settings.name, loss_names());
    fail("unknown loss '{}'{} (known: {})", settings.name, near.empty() ? "" : ", did you mean '" + near + "'?",
         fmt::join(loss_names(), ", "));
  }
  check_class_settings(settings, kind->has_classes);
  if (settings.components < 1)
    fail("a mixture of {} components was asked for, expected 1 or more", settings.components);
  return kind->make(settings);
}

void Loss::check_outputs(std::int64_t outputs, std::int64_t targets) const {
  if (outputs < 1 || targets < 1 || !fits(outputs, targets))
    fail("the loss {} takes {}; samples have {} target{}, the network gives {} output{}", name_, outputs_wanted(),
         targets, targets == 1 ? "" : "s", outputs, outputs == 1 ? "" : "s");
}

double Loss::evaluate(std::span<const float> outputs, std::span<const float> targets, std::int64_t samples,
                      std::span<float> gradient) const {
  const auto rows = static_cast<std::size_t>(std::max<std::int64_t>(samples, 0));
  if (rows == 0 || outputs.size() % rows != 0 || targets.size() % rows != 0 ||
      (!gradient.empty() && gradient.size() != outputs.size())) {
    fail("{} samples cannot have {} outputs, {} targets and {} gradients", samples, outputs.size(), targets.size(),
         gradient.size());
  }
  check_outputs(static_cast<std::int64_t>(outputs.size() / rows), static_cast<std::int64_t>(targets.size() / rows));
  return mean(outputs, targets, samples, gradient);
}

std::int64_t Loss::count_correct(std::span<const float> /*outputs*/, std::span<const float> /*targets*/,
                                 std::int64_t /*samples*/) const {
  return 0;
}

}  // namespace phiscope::neural
