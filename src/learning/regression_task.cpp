#include "regression_task.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "phiscope/base/choices.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/learning/expected_coverage.hpp"
#include "phiscope/learning/posterior.hpp"
#include "phiscope/learning/regression_scores.hpp"

namespace phiscope {
namespace {

using Json = nlohmann::ordered_json;

Density density_named(const std::string& name) {
  if (const auto density = choice_named(density_names(), name)) return *density;
  fail("task.density: there is no density '{}'", name);
}

/// What is said of a target by all samples of an item together: the mean of their means, and, as the samples look at
/// one and the same thing, no smaller an error than theirs: the root mean square.
struct Estimate {
  double mean = 0, sigma = 0;
};

Estimate combined(const PosteriorReader& reader, std::span<const float> outputs, std::int64_t samples,
                  std::size_t target) {
  if (reader.density == Density::point && samples == 1)
    return {outputs[target] * reader.scale[target] + reader.shift[target], 0.0};
  const std::size_t width = outputs.size() / static_cast<std::size_t>(samples);
  Estimate estimate;
  double variance = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(samples); ++i) {
    const Posterior posterior = reader.read(outputs.subspan(i * width, width), target);
    estimate.mean += posterior.mean() / static_cast<double>(samples);
    variance += posterior.sigma() * posterior.sigma() / static_cast<double>(samples);
  }
  estimate.sigma = std::sqrt(variance);
  return estimate;
}

class RegressionPrediction : public Prediction {
 public:
  explicit RegressionPrediction(PosteriorReader reader) : reader_(std::move(reader)) {}

  std::vector<std::string> columns() const override {
    std::vector<std::string> columns;
    for (const auto& name : reader_.names) {
      columns.push_back(name);
      if (reader_.density != Density::point) columns.push_back(name + "_error");
    }
    return columns;
  }
  void read(std::span<const float> outputs, std::int64_t samples, std::span<double> columns) const override {
    std::size_t place = 0;
    for (std::size_t t = 0; t < reader_.targets(); ++t) {
      const Estimate estimate = combined(reader_, outputs, samples, t);
      columns[place++] = estimate.mean;
      if (reader_.density != Density::point) columns[place++] = estimate.sigma;
    }
  }
  Json to_json() const override {
    return {{"task", "regression"},
            {"targets", reader_.names},
            {"density", word_of(density_names(), reader_.density)},
            {"components", reader_.components},
            {"shift", reader_.shift},
            {"scale", reader_.scale}};
  }

  const PosteriorReader& reader() const noexcept { return reader_; }

 private:
  PosteriorReader reader_;
};

Json to_json(const TargetScores& scores) {
  Json json;
  const auto add = [&](const char* name, const Score& score) {
    json[name] = score.value;
    json[std::string(name) + "_error"] = score.error;
  };
  add("rmse", scores.rmse);
  add("mae", scores.mae);
  add("r2", scores.r2);
  add("bias", scores.bias);
  add("relative_error", scores.relative_error);
  if (scores.coverage68) add("coverage68", *scores.coverage68);
  if (scores.coverage95) add("coverage95", *scores.coverage95);
  if (scores.log_likelihood) add("log_likelihood", *scores.log_likelihood);
  if (scores.error_over_bound) add("error_over_bound", *scores.error_over_bound);
  return json;
}

class RegressionTask : public Task {
 public:
  RegressionTask(PosteriorReader reader, const LabelledData& data, std::string sample_word)
      : targets_(data.target_values, reader.shift, reader.scale),
        numbers_(data.target_values),
        bounds_(data.target_bounds),
        prediction_(std::move(reader)),
        sample_word_(std::move(sample_word)),
        group_word_(data.group_word == sample_word_ ? "group" : data.group_word) {}

  const Targets& targets() const override { return targets_; }

  neural::LossSettings loss(const neural::LossSettings& wanted) const override {
    neural::LossSettings loss = wanted;
    const Density density = prediction_.reader().density;
    const std::string fitting = density == Density::gaussian  ? "gaussian_nll"
                                : density == Density::mixture ? "mixture_density"
                                : density == Density::moments ? "moment_network"
                                                              : "mean_squared_error";
    if (loss.name == "auto") loss.name = fitting;
    const bool fits = loss.name == fitting || (density == Density::point && loss.name == "mean_absolute_error");
    if (!fits)
      fail("training.loss.name is {}, but task.density is {}: expected auto or {}", loss.name,
           word_of(density_names(), density), fitting);
    loss.components = prediction_.reader().components;
    return loss;
  }

  std::vector<std::pair<std::string, double>> network_parameters(const neural::LossSettings&) const override {
    const auto& reader = prediction_.reader();
    return {{"outputs", static_cast<double>(reader.outputs())},
            {"targets", static_cast<double>(reader.targets())},
            {"components", static_cast<double>(reader.components)}};
  }

  const Prediction& prediction() const override { return prediction_; }

  void score(const ScoredPart& part, const Bootstrap& bootstrap, Json& summary, Hdf5Writer& file) const override {
    add_samples(part, bootstrap, summary, file);
    std::set<std::uint64_t> groups;
    for (const auto& item : part.items) groups.insert(item.group);
    if (groups.size() < part.samples()) add_groups(part, bootstrap, summary, file);
  }

  /// The first target's mean, in units of its scaling.
  void explain(const Item&, std::span<const float> outputs, std::span<float> gradient) const override {
    const auto& reader = prediction_.reader();
    if (reader.density != Density::mixture) {
      gradient[0] = 1.0F;
      return;
    }
    // Of Σ π_k µ_k: π_k for the means, π_k (µ_k − mean) for the logits of the weights.
    const Posterior posterior = reader.read(outputs, 0);
    const auto all = static_cast<std::size_t>(reader.components) * reader.targets();
    for (std::size_t k = 0; k < posterior.components().size(); ++k) {
      const auto& component = posterior.components()[k];
      gradient[all + k] = static_cast<float>(component.weight);
      gradient[k] = static_cast<float>(component.weight * (component.mean - posterior.mean()) / reader.scale[0]);
    }
  }

 private:
  double truth_of(const Item& item, std::size_t target) const {
    return numbers_[item.label * prediction_.reader().targets() + target];
  }

  void write(Hdf5Writer& file, const std::string& place, const EstimatedNumbers& numbers) const {
    const std::vector<std::uint64_t> rows{numbers.groups.size(), numbers.targets};
    const std::string of = fmt::format(" of {}", fmt::join(prediction_.reader().names, ", "));
    file.write(place + "group", numbers.groups, {numbers.groups.size()}, "", "what the bootstrap draws");
    file.write(place + "truth", numbers.truth, rows, "", "true values" + of);
    file.write(place + "prediction", numbers.mean, rows, "", "means that the network gives" + of);
    if (!numbers.sigma.empty())
      file.write(place + "error", numbers.sigma, rows, "", "standard deviations that the network gives" + of);
    if (!numbers.cumulative.empty())
      file.write(place + "rank", numbers.cumulative, rows, "",
                 "probability that the posterior gives to values below the true one" + of);
  }

  void add_scores(const std::string& part, const std::string& word, const EstimatedNumbers& numbers,
                  const Bootstrap& bootstrap, Json& summary) const {
    const auto& names = prediction_.reader().names;
    const auto scores = regression_scores(numbers, bootstrap);
    Json json;
    double log_likelihood = 0;
    for (std::size_t t = 0; t < names.size(); ++t) {
      json[names[t]] = to_json(scores[t]);
      if (scores[t].log_likelihood) log_likelihood += scores[t].log_likelihood->value;
      const auto coverage =
          scores[t].coverage68 ? fmt::format("  {:.1f} % in 68 %", 100.0 * scores[t].coverage68->value) : std::string();
      const auto bound = scores[t].error_over_bound
                             ? fmt::format("  error/bound {:.3f}", scores[t].error_over_bound->value)
                             : std::string();
      log::info("evaluate: {:10}  {:7}  {}: RMSE {:.4g} ± {:.2g}  R² {:.4f}  bias {:.2g}{}{}", part, word, names[t],
                scores[t].rmse.value, scores[t].rmse.error, scores[t].r2.value, scores[t].bias.value, coverage, bound);
    }
    if (!numbers.log_density.empty()) json["log_likelihood"] = log_likelihood;
    json["samples"] = numbers.groups.size();
    json["groups"] = std::set<std::uint64_t>(numbers.groups.begin(), numbers.groups.end()).size();
    summary[part][word] = std::move(json);
  }

  void add_samples(const ScoredPart& part, const Bootstrap& bootstrap, Json& summary, Hdf5Writer& file) const {
    const auto& reader = prediction_.reader();
    EstimatedNumbers numbers;
    numbers.targets = reader.targets();
    std::vector<Posterior> posteriors;
    for (std::size_t i = 0; i < part.samples(); ++i) {
      numbers.groups.push_back(part.item_of(i).group);
      for (std::size_t t = 0; t < reader.targets(); ++t) {
        const Posterior posterior = reader.read(part.row(i), t);
        const double truth = truth_of(part.item_of(i), t);
        numbers.truth.push_back(truth);
        numbers.mean.push_back(posterior.mean());
        if (!bounds_.empty()) numbers.bound.push_back(bounds_[part.item_of(i).label * reader.targets() + t]);
        if (reader.density == Density::point) continue;
        numbers.sigma.push_back(posterior.sigma());
        numbers.cumulative.push_back(posterior.cumulative(truth));
        numbers.log_density.push_back(posterior.log_density(truth));
        posteriors.push_back(posterior);
      }
    }
    add_scores(part.name, sample_word_, numbers, bootstrap, summary);
    const std::string place = part.name + "/" + sample_word_ + "/";
    write(file, place, numbers);
    if (posteriors.empty()) return;
    const auto coverage = expected_coverage(posteriors, numbers.truth, reader.targets(), bootstrap.seed);
    summary[part.name][sample_word_]["expected_coverage_deviation"] = coverage.largest_deviation;
    const std::vector<std::uint64_t> points{coverage.coverage.size()};
    file.write(place + "expected_coverage/credibility", coverage.credibility, points, "",
               "of regions of the posterior");
    file.write(place + "expected_coverage/coverage", coverage.coverage, points, "",
               "part of the truths that lie within them (TARP)");
    if (reader.density != Density::mixture) return;
    std::vector<double> weight, mean, sigma;
    for (const auto& posterior : posteriors)
      for (const auto& component : posterior.components()) {
        weight.push_back(component.weight);
        mean.push_back(component.mean);
        sigma.push_back(component.sigma);
      }
    const std::vector<std::uint64_t> shape{part.samples(), reader.targets(),
                                           static_cast<std::uint64_t>(reader.components)};
    file.write(place + "mixture/weight", weight, shape, "", "of each Gaussian");
    file.write(place + "mixture/mean", mean, shape, "", "of each Gaussian");
    file.write(place + "mixture/sigma", sigma, shape, "", "of each Gaussian");
  }

  void add_groups(const ScoredPart& part, const Bootstrap& bootstrap, Json& summary, Hdf5Writer& file) const {
    const auto& reader = prediction_.reader();
    // The items of a group follow each other in no order that could be relied on.
    std::map<std::uint64_t, std::vector<std::size_t>> samples_of;
    for (std::size_t i = 0; i < part.samples(); ++i) samples_of[part.item_of(i).group].push_back(i);
    EstimatedNumbers numbers;
    numbers.targets = reader.targets();
    for (const auto& [group, samples] : samples_of) {
      for (const auto i : samples)
        for (std::size_t t = 0; t < reader.targets(); ++t)
          if (truth_of(part.item_of(i), t) != truth_of(part.item_of(samples.front()), t)) return;  // not one truth
      numbers.groups.push_back(group);
      std::vector<float> outputs;
      for (const auto i : samples) outputs.insert(outputs.end(), part.row(i).begin(), part.row(i).end());
      for (std::size_t t = 0; t < reader.targets(); ++t) {
        const Estimate estimate = combined(reader, outputs, static_cast<std::int64_t>(samples.size()), t);
        numbers.truth.push_back(truth_of(part.item_of(samples.front()), t));
        numbers.mean.push_back(estimate.mean);
        if (reader.density != Density::point) numbers.sigma.push_back(estimate.sigma);
      }
    }
    add_scores(part.name, group_word_, numbers, bootstrap, summary);
    write(file, part.name + "/" + group_word_ + "/", numbers);
  }

  ScaledTargets targets_;
  std::vector<double> numbers_, bounds_;
  RegressionPrediction prediction_;
  std::string sample_word_, group_word_;
};

/// Shift and scale of one target from the training groups. Throws Error when it does not vary.
ShiftAndScale scaling_of(const LabelledData& data, const std::vector<ItemGroup>& train, std::size_t target,
                         Scaling scaling) {
  const std::size_t targets = data.target_names.size();
  std::vector<double> values;
  for (const auto& group : train)
    for (const auto& item : group) values.push_back(data.target_values[item.label * targets + target]);
  const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
  if (*lowest == *highest)
    fail("the target '{}' does not vary: it is {} for all {} training items; leave it out of task.targets",
         data.target_names[target], *lowest, values.size());
  double mean = 0, squares = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  for (const double value : values) squares += (value - mean) * (value - mean) / static_cast<double>(values.size());
  if (scaling == Scaling::log) fail("task.scaling is log, expected standard, min_max, symmetric or none for targets");
  return shift_and_scale(scaling, {.mean = mean, .variance = squares, .lowest = *lowest, .highest = *highest});
}

}  // namespace

std::unique_ptr<Task> make_regression(const TaskSettings& task, const LabelledData& data, const LabelledParts& parts,
                                      const Sampler& sampler) {
  if (data.target_names.empty()) fail("task.targets is empty: a regression needs the columns that it is to tell");
  PosteriorReader reader{
      .density = density_named(task.density), .components = 1, .names = data.target_names, .shift = {}, .scale = {}};
  if (reader.density == Density::mixture) reader.components = task.components;
  for (std::size_t t = 0; t < data.target_names.size(); ++t) {
    const auto [shift, scale] = scaling_of(data, parts.train, t, task.scaling);
    reader.shift.push_back(shift);
    reader.scale.push_back(scale);
  }
  return std::make_unique<RegressionTask>(std::move(reader), data, sampler.word());
}

std::unique_ptr<Prediction> read_regression_prediction(const nlohmann::ordered_json& json) {
  PosteriorReader reader{.density = density_named(json.at("density").get<std::string>()),
                         .components = json.at("components").get<std::int64_t>(),
                         .names = json.at("targets").get<std::vector<std::string>>(),
                         .shift = json.at("shift").get<std::vector<double>>(),
                         .scale = json.at("scale").get<std::vector<double>>()};
  return std::make_unique<RegressionPrediction>(std::move(reader));
}

}  // namespace phiscope
