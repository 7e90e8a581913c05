#include "field_task.hpp"

#include <fmt/format.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/learning/field_agreement.hpp"

namespace phiscope {
namespace {

using Json = nlohmann::ordered_json;

class FieldPrediction : public Prediction {
 public:
  FieldPrediction(std::int64_t input_channels, std::int64_t channels)
      : input_channels_(input_channels), channels_(channels) {}

  bool is_field() const override { return true; }
  std::vector<std::string> columns() const override { return {}; }
  void read(std::span<const float>, std::int64_t, std::span<double>) const override {}
  Json to_json() const override {
    return {{"task", "fields"}, {"input_channels", input_channels_}, {"channels", channels_}};
  }

  std::size_t input_channels() const noexcept { return static_cast<std::size_t>(input_channels_); }
  std::size_t channels() const noexcept { return static_cast<std::size_t>(channels_); }

 private:
  std::int64_t input_channels_, channels_;
};

/// Mean squared errors of the groups, and of what one could say without a network.
struct GroupError {
  double network = 0, baseline = 0, samples = 0;
};

/// Where the middle of a channel lies in it, of slices as of cubes.
std::size_t middle_of(const neural::SampleShape& sample) {
  std::int64_t place = 0;
  for (const auto extent : sample.extents) place = place * extent + extent / 2;
  return static_cast<std::size_t>(place);
}

class FieldTask : public Task {
 public:
  FieldTask(const ItemShape& shape, const neural::SampleShape& sample, std::string sample_word)
      : prediction_(shape.input_channels(), shape.target_channels),
        targets_(shape.target_channels * sample.values() / sample.channels),
        side_(sample.extents.front()),
        middle_(middle_of(sample)),
        is_whole_(sample_word == "cube"),
        sample_word_(std::move(sample_word)) {}

  const Targets& targets() const override { return targets_; }
  neural::LossSettings loss(const neural::LossSettings& wanted) const override {
    neural::LossSettings loss = wanted;
    if (loss.name == "auto") loss.name = "mean_squared_error";
    if (loss.name != "mean_squared_error" && loss.name != "mean_absolute_error")
      fail(
          "training.loss.name is {}, but task.kind is fields: expected auto, mean_squared_error or "
          "mean_absolute_error",
          loss.name);
    return loss;
  }
  std::vector<std::pair<std::string, double>> network_parameters(const neural::LossSettings&) const override {
    return {{"outputs", static_cast<double>(prediction_.channels())}};
  }
  const Prediction& prediction() const override { return prediction_; }

  void score(const ScoredPart& part, const Bootstrap& bootstrap, Json& summary, Hdf5Writer& file) const override {
    std::map<std::uint64_t, GroupError> groups;
    std::optional<FieldAgreement> agreement;
    if (is_whole_) agreement.emplace(side_);
    for (std::size_t i = 0; i < part.samples(); ++i) {
      auto& group = groups[part.item_of(i).group];
      group.network += squared_error(part, i, part.row(i));
      group.baseline += squared_error(part, i, baseline(part, i));
      group.samples += 1.0;
      if (agreement) agreement->add(part.row(i), part.target(i));
    }
    const auto [mse, mse_error] = mean_and_error(groups, bootstrap, &GroupError::network);
    const auto [baseline_mse, baseline_error] = mean_and_error(groups, bootstrap, &GroupError::baseline);
    auto& json = summary[part.name][sample_word_];
    json = {{"mse", mse},
            {"mse_error", mse_error},
            {"baseline_mse", baseline_mse},
            {"baseline_mse_error", baseline_error},
            {"baseline", has_input_baseline() ? "the input itself" : "the mean of the training targets"},
            {"samples", part.samples()},
            {"groups", groups.size()}};
    log::info("evaluate: {:10}  {:7}  mean squared error {:.4g} ± {:.2g}, of {} {:.4g}", part.name, sample_word_, mse,
              mse_error, json["baseline"].get<std::string>(), baseline_mse);
    if (!agreement) return;
    const auto k = agreement->k(), transfer = agreement->transfer(), correlation = agreement->correlation();
    const std::string place = part.name + "/" + sample_word_ + "/";
    file.write(place + "k", k, {k.size()}, "k_F", "wavenumber of the shell, k_F = 2π/box_size");
    file.write(place + "transfer", transfer, {k.size()}, "", "T(k) = √(P of the prediction / P of the target)");
    file.write(place + "correlation", correlation, {k.size()}, "", "r(k) of prediction and target");
    const auto half = correlation[correlation.size() / 2 - (correlation.size() > 1 ? 1 : 0)];
    json["correlation_at_half_nyquist"] = half;
  }

  /// The middle value of the first channel.
  void explain(const Item&, std::span<const float>, std::span<float> gradient) const override {
    gradient[middle_] = 1.0F;
  }

 private:
  /// Whether the input has as many channels: then what one could say without a network is the input.
  bool has_input_baseline() const { return prediction_.input_channels() == prediction_.channels(); }

  /// In the network's units of the target.
  std::vector<float> baseline(const ScoredPart& part, std::size_t sample) const {
    std::vector<float> values(part.target(sample).size(), 0.0F);
    if (!has_input_baseline()) return values;
    const std::size_t cells = values.size() / prediction_.channels();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::size_t in = i / cells, out = in + prediction_.input_channels();
      const auto& scales = part.normalisation;
      const double own = part.input(sample)[i] * scales.standard_deviation[in] + scales.mean[in];
      values[i] = static_cast<float>((own - scales.mean[out]) / scales.standard_deviation[out]);
    }
    return values;
  }

  /// The mean over cells and channels, in own units.
  double squared_error(const ScoredPart& part, std::size_t sample, std::span<const float> values) const {
    const auto truth = part.target(sample);
    const std::size_t cells = truth.size() / prediction_.channels();
    double sum = 0;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const double scale = part.normalisation.standard_deviation[prediction_.input_channels() + i / cells];
      const double difference = scale * (static_cast<double>(values[i]) - truth[i]);
      sum += difference * difference;
    }
    return sum / static_cast<double>(truth.size());
  }

  static std::pair<double, double> mean_and_error(const std::map<std::uint64_t, GroupError>& groups,
                                                  const Bootstrap& bootstrap, double GroupError::*which) {
    std::vector<GroupError> all;
    for (const auto& [number, group] : groups) all.push_back(group);
    const auto mean_of = [&](auto draw) {
      double sum = 0, samples = 0;
      for (std::size_t i = 0; i < all.size(); ++i) {
        const auto& group = all[draw()];
        sum += group.*which;
        samples += group.samples;
      }
      return sum / samples;
    };
    std::size_t next = 0;
    const double mean = mean_of([&] { return next++; });
    return {mean,
            bootstrap_errors<1>(bootstrap, all.size(), [&](const auto& draw) { return std::array{mean_of(draw)}; })[0]};
  }

  FieldPrediction prediction_;
  FieldTargets targets_;
  std::int64_t side_;
  std::size_t middle_;
  bool is_whole_;
  std::string sample_word_;
};

}  // namespace

std::unique_ptr<Task> make_field_task(const TaskSettings&, const LabelledData& data, const LabelledParts&,
                                      const Sampler& sampler) {
  const ItemShape shape = data.source->shape();
  if (shape.target_channels == 0)
    fail("task.kind is fields, but the data has no target fields: expected data.kind fields");
  return std::make_unique<FieldTask>(shape, sampler.shape(), sampler.word());
}

std::unique_ptr<Prediction> read_field_prediction(const nlohmann::ordered_json& json) {
  return std::make_unique<FieldPrediction>(json.at("input_channels").get<std::int64_t>(),
                                           json.at("channels").get<std::int64_t>());
}

}  // namespace phiscope
