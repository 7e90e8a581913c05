#include "classification_task.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/learning/class_scores.hpp"

namespace phiscope {
namespace {

using Json = nlohmann::ordered_json;

/// From K logits, or one: the second class's.
std::vector<double> probabilities_of(std::span<const double> logits) {
  if (logits.size() == 1) {
    const double z = logits[0], p = z >= 0 ? 1.0 / (1.0 + std::exp(-z)) : std::exp(z) / (1.0 + std::exp(z));
    return {z >= 0 ? std::exp(-z) / (1.0 + std::exp(-z)) : 1.0 / (1.0 + std::exp(z)), p};
  }
  const double most = *std::max_element(logits.begin(), logits.end());
  std::vector<double> probabilities;
  double sum = 0;
  for (const double z : logits) {
    probabilities.push_back(std::exp(z - most));
    sum += probabilities.back();
  }
  for (double& p : probabilities) p /= sum;
  return probabilities;
}

/// The mean over samples.
std::vector<double> mean_row(std::span<const float> outputs, std::int64_t samples) {
  const std::size_t width = outputs.size() / static_cast<std::size_t>(samples);
  std::vector<double> mean(width, 0.0);
  for (std::size_t i = 0; i < outputs.size(); ++i) mean[i % width] += outputs[i] / static_cast<double>(samples);
  return mean;
}

class ClassPrediction : public Prediction {
 public:
  explicit ClassPrediction(std::vector<std::string> classes) : classes_(std::move(classes)) {}

  std::vector<std::string> columns() const override {
    std::vector<std::string> columns{"class"};
    for (const auto& name : classes_) columns.push_back("probability_" + name);
    return columns;
  }
  std::vector<std::string> words() const override { return classes_; }
  void read(std::span<const float> outputs, std::int64_t samples, std::span<double> columns) const override {
    const auto probabilities = probabilities_of(mean_row(outputs, samples));
    const auto most = std::max_element(probabilities.begin(), probabilities.end()) - probabilities.begin();
    columns[0] = static_cast<double>(most);
    std::copy(probabilities.begin(), probabilities.end(), columns.begin() + 1);
  }
  Json to_json() const override { return {{"task", "classification"}, {"classes", classes_}}; }

  const std::vector<std::string>& classes() const noexcept { return classes_; }

 private:
  std::vector<std::string> classes_;
};

Json to_json(const ClassScores& scores, const std::vector<std::string>& classes) {
  Json json{{"accuracy", scores.accuracy},
            {"accuracy_error", scores.accuracy_error},
            {"log_loss", scores.log_loss},
            {"brier", scores.brier},
            {"calibration_error", scores.calibration_error}};
  if (classes.size() == 2) json["auc"] = scores.of_class[1].auc;
  for (std::size_t c = 0; c < classes.size() && classes.size() > 2; ++c)
    json["auc_per_class"][classes[c]] = scores.of_class[c].auc;
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const auto& of_class = scores.of_class[c];
    json["per_class"][classes[c]] = {{"precision", of_class.precision},
                                     {"recall", of_class.recall},
                                     {"f1", of_class.f1},
                                     {"samples", of_class.samples}};
  }
  std::vector<std::vector<std::int64_t>> confusion;
  for (std::size_t c = 0; c < classes.size(); ++c)
    confusion.emplace_back(scores.confusion.begin() + static_cast<std::ptrdiff_t>(c * classes.size()),
                           scores.confusion.begin() + static_cast<std::ptrdiff_t>((c + 1) * classes.size()));
  json["confusion"] = confusion;
  json["samples"] = scores.samples;
  json["groups"] = scores.groups;
  return json;
}

class ClassificationTask : public Task {
 public:
  ClassificationTask(std::vector<std::string> classes, std::string sample_word, std::string item_word)
      : prediction_(std::move(classes)), sample_word_(std::move(sample_word)), item_word_(std::move(item_word)) {}

  const Targets& targets() const override { return targets_; }
  neural::LossSettings loss(const neural::LossSettings& wanted) const override {
    neural::LossSettings loss = wanted;
    if (loss.name == "auto")
      loss.name = prediction_.classes().size() == 2 ? "binary_cross_entropy" : "categorical_cross_entropy";
    const bool binary = loss.name == "binary_cross_entropy";
    if (!binary && loss.name != "categorical_cross_entropy")
      fail("training.loss.name is {}, but task.kind is classification: expected auto or a cross-entropy", loss.name);
    if (binary && prediction_.classes().size() != 2)
      fail("training.loss.name is binary_cross_entropy, but there are {} classes: expected categorical_cross_entropy",
           prediction_.classes().size());
    return loss;
  }
  std::vector<std::pair<std::string, double>> network_parameters(const neural::LossSettings& loss) const override {
    const bool one_logit = loss.name == "binary_cross_entropy";
    return {{"outputs", one_logit ? 1.0 : static_cast<double>(prediction_.classes().size())}};
  }
  const Prediction& prediction() const override { return prediction_; }

  void score(const ScoredPart& part, const Bootstrap& bootstrap, Json& summary, Hdf5Writer& file) const override {
    add(part, sample_word_, by_sample(part), bootstrap, summary, file);
    if (part.per_item > 1) add(part, item_word_, by_item(part), bootstrap, summary, file);
  }

  /// The logit of the item's own class; of the second of two where there is one logit for both.
  void explain(const Item& item, std::span<const float>, std::span<float> gradient) const override {
    if (gradient.size() == 1)
      gradient[0] = 1.0F;
    else
      gradient[static_cast<std::size_t>(item.member)] = 1.0F;
  }

 private:
  ClassifiedSamples by_sample(const ScoredPart& part) const {
    ClassifiedSamples samples = empty();
    for (std::size_t i = 0; i < part.samples(); ++i) append(samples, part.item_of(i), mean_row(part.row(i), 1));
    return samples;
  }
  /// The mean logits of the samples of each item.
  ClassifiedSamples by_item(const ScoredPart& part) const {
    ClassifiedSamples samples = empty();
    const std::size_t values = part.outputs.size() / part.items.size();
    for (std::size_t i = 0; i < part.items.size(); ++i)
      append(samples, part.items[i], mean_row(std::span(part.outputs).subspan(i * values, values), part.per_item));
    return samples;
  }
  ClassifiedSamples empty() const {
    return {.classes = prediction_.classes().size(), .probabilities = {}, .truth = {}, .groups = {}};
  }
  static void append(ClassifiedSamples& samples, const Item& item, const std::vector<double>& logits) {
    const auto probabilities = probabilities_of(logits);
    samples.probabilities.insert(samples.probabilities.end(), probabilities.begin(), probabilities.end());
    samples.truth.push_back(item.member);
    samples.groups.push_back(item.group);
  }

  void add(const ScoredPart& part, const std::string& word, const ClassifiedSamples& samples,
           const Bootstrap& bootstrap, Json& summary, Hdf5Writer& file) const {
    const auto scores = class_scores(samples, bootstrap);
    const auto& classes = prediction_.classes();
    summary[part.name][word] = to_json(scores, classes);
    log::info("evaluate: {:10}  {:7}  accuracy {:.4f} ± {:.4f}  log loss {:.4f}  calibration error {:.4f}", part.name,
              word, scores.accuracy, scores.accuracy_error, scores.log_loss, scores.calibration_error);
    const std::string place = part.name + "/" + word + "/";
    std::vector<std::string> truth;
    for (const auto c : samples.truth) truth.push_back(classes[static_cast<std::size_t>(c)]);
    file.write(place + "group", samples.groups, {samples.groups.size()}, "", "group of the " + word);
    file.write_strings(place + "class", truth, "class of the " + word);
    file.write(place + "probability", samples.probabilities, {samples.truth.size(), classes.size()}, "",
               fmt::format("what the network gives to each class: {}", fmt::join(classes, ", ")));
    const auto curve = calibration_curve(samples);
    const std::vector<std::uint64_t> bins{curve.samples.size()};
    file.write(place + "calibration/confidence", curve.confidence, bins, "", "mean largest probability of a bin");
    file.write(place + "calibration/accuracy", curve.accuracy, bins, "", "part of its samples that are right");
    file.write(place + "calibration/samples", curve.samples, bins, "", "samples of the bin");
    for (std::size_t c = classes.size() == 2 ? 1 : 0; c < classes.size(); ++c) {
      const auto roc = roc_of_class(samples, c);
      const std::vector<std::uint64_t> points{roc.true_positive_rate.size()};
      const std::string curve_place = place + "roc/" + classes[c] + "/";
      file.write(curve_place + "false_positive_rate", roc.false_positive_rate, points, "", "of all others");
      file.write(curve_place + "true_positive_rate", roc.true_positive_rate, points, "", "of the class");
    }
  }

  ClassTargets targets_;
  ClassPrediction prediction_;
  std::string sample_word_, item_word_;
};

/// The classes of the items in a part.
std::set<std::int32_t> classes_in(const std::vector<ItemGroup>& part) {
  std::set<std::int32_t> classes;
  for (const auto& group : part)
    for (const auto& item : group) classes.insert(item.member);
  return classes;
}

}  // namespace

std::unique_ptr<Task> make_classification(const TaskSettings&, const LabelledData& data, const LabelledParts& parts,
                                          const Sampler& sampler) {
  if (data.classes.size() < 2)
    fail("task.kind is classification, but the data has {} class{}, expected two or more", data.classes.size(),
         data.classes.size() == 1 ? " (" + data.classes.front() + ")" : "es");
  const auto learnt = classes_in(parts.train);
  for (const auto& [name, part] : {std::pair{"validation", &parts.validation}, std::pair{"test", &parts.test}})
    for (const auto c : classes_in(*part))
      if (!learnt.contains(c))
        fail(
            "the class '{}' is in the {} part and not in the training part: the network could not learn it; choose "
            "another dataset.split",
            data.classes[static_cast<std::size_t>(c)], name);
  return std::make_unique<ClassificationTask>(data.classes, sampler.word(), data.item_word);
}

std::unique_ptr<Prediction> read_class_prediction(const nlohmann::ordered_json& json) {
  return std::make_unique<ClassPrediction>(json.at("classes").get<std::vector<std::string>>());
}

}  // namespace phiscope
