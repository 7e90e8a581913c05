#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "phiscope/base/choices.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/learning/classification_metrics.hpp"
#include "phiscope/learning/sample_scorer.hpp"
#include "phiscope/learning/scored_part.hpp"
#include "phiscope/learning/two_point_information.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/study/finished.hpp"
#include "phiscope/study/learning_setup.hpp"
#include "phiscope/study/stages.hpp"

namespace phiscope {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const ClassificationMetrics& metrics) {
  return {{"accuracy", metrics.accuracy},
          {"accuracy_error", metrics.accuracy_error},
          {"precision", metrics.precision},
          {"recall", metrics.recall},
          {"f1", metrics.f1},
          {"auc", metrics.auc},
          {"loss", metrics.loss},
          {"confusion", metrics.confusion},
          {"samples", metrics.samples},
          {"seeds", metrics.seeds}};
}

std::string label(bool is_positive) {
  return gravity_classes()[is_positive ? 1 : 0];
}

/// A group of evaluation.h5 and of evaluation.json: one part of the split, of pairs of runs.
struct ScoredPairs {
  std::string name;
  std::vector<Item> items;
  std::vector<float> logits;  ///< items × the sampler's scored samples

  std::size_t per_item() const { return logits.size() / items.size(); }
  std::vector<ScoredSample> samples() const {
    std::vector<ScoredSample> scored;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const auto& item = items[i / per_item()];
      scored.push_back({item.group, item.member == 1, logits[i]});
    }
    return scored;
  }
};

/// The samples that a cube has several of: slices, sub-cubes.
void write_samples(Hdf5Writer& file, const ScoredPairs& part, SampleKind kind, std::int64_t n) {
  const bool slices = kind == SampleKind::slice;
  std::vector<std::uint64_t> seeds;
  std::vector<std::string> gravities;
  std::vector<std::int32_t> axes, indices;
  for (std::size_t i = 0; i < part.logits.size(); ++i) {
    const auto& item = part.items[i / part.per_item()];
    const auto place = static_cast<std::int32_t>(i % part.per_item());
    const auto side = static_cast<std::int32_t>(n);
    seeds.push_back(item.group);
    gravities.push_back(label(item.member == 1));
    axes.push_back(place / side);
    indices.push_back(slices ? place % side : place);
  }
  const std::vector<std::uint64_t> shape{part.logits.size()};
  const std::string sample = word_of(sample_kind_names(), kind);
  const std::string group = part.name + "/" + sample + "/";
  file.write(group + "seed", seeds, shape, "", fmt::format("seed of the {}'s cube", sample));
  file.write_strings(group + "gravity", gravities, fmt::format("class of the {}", sample));
  if (slices) file.write(group + "axis", axes, shape, "", "data axis that the slice is normal to: 0 (z), 1 (y), 2 (x)");
  file.write(group + "index", indices, shape, "",
             slices ? "place of the slice along that axis" : "place of the sub-cube in the tiling, row-major");
  file.write(group + "logit", part.logits, shape, "", "the network's output; positive says gr");
}

void write_cubes(Hdf5Writer& file, const ScoredPairs& part) {
  std::vector<std::uint64_t> seeds;
  std::vector<std::string> gravities;
  std::vector<double> logits;
  for (const auto& cube : aggregate_per_cube(part.samples())) {
    seeds.push_back(cube.seed);
    gravities.push_back(label(cube.is_positive));
    logits.push_back(cube.logit);
  }
  file.write(part.name + "/cube/seed", seeds, {seeds.size()}, "", "seed of the cube");
  file.write_strings(part.name + "/cube/gravity", gravities, "class of the cube");
  file.write(part.name + "/cube/logit", logits, {logits.size()}, "",
             "mean logit of the cube's samples; positive says gr");
}

/// Says how long the error bars take where that is long: nothing else is heard of them.
void announce_bootstrap(const Study& study, const std::vector<ScoredPairs>& parts) {
  constexpr double seconds_per_draw = 2e-8, silent = 5.0;
  double seeds = 0;
  for (const auto& part : parts) seeds += static_cast<double>(part.items.size()) / 2.0;
  // Of samples, of cubes, and of the spectra of the test part.
  const double seconds = 3.0 * seconds_per_draw * seeds * study.settings().bootstrap_resamples;
  if (seconds > silent)
    log::info("evaluate: the error bars of {} resamples of {} seeds take some {:.0f} s",
              study.settings().bootstrap_resamples, seeds, seconds);
}

/// Only for cubes of a scalar, real classes and enough training pairs to fit a covariance to.
std::optional<TwoPointInformation> two_point(const Study& study, LearningSetup& setup) {
  const bool scalar_cubes =
      study.settings().dataset.sample != SampleKind::spectra && !setup.store().shape().vector_channels;
  if (!scalar_cubes || study.settings().dataset.null_test || setup.train().size() < 4) return std::nullopt;
  return two_point_information(study.world(), setup.store(), study.catalogue().box_size(), setup.train(), setup.test());
}

}  // namespace

std::string evaluation_fingerprint(const Study& study) {
  return study.fingerprint(Affects::scores) + training_fingerprint(study);
}

bool evaluation_summary_is_whole(const RunDirectory& directory) {
  const auto summary = directory.file("evaluation.json");
  if (!std::filesystem::exists(summary)) return false;
  return crc32_text(crc32_of(read_text_file(summary))) ==
         open_result(directory.file("evaluation.h5")).text_attribute("/", "json_crc32");
}

bool is_evaluated(const Study& study) {
  const auto& world = study.world();
  if (!is_finished(world, study.directory().file("evaluation.h5"), evaluation_fingerprint(study))) return false;
  bool is_whole = false;
  together(world, [&] {
    is_whole = world.is_root() && evaluation_summary_is_whole(study.directory());
    if (world.is_root() && !is_whole)
      log::warning("{}: missing or damaged: it is not the file that evaluation.h5 was written with; both are made anew",
                   study.directory().file("evaluation.json").string());
  });
  return world.any(is_whole);
}

namespace {

/// Puts both files there, the JSON first: the HDF5 file, renamed into place last, says that both are there.
void write_evaluation(const Study& study, const Json& summary, Hdf5Writer& file) {
  const std::string text = summary.dump(2) + "\n";
  write_file_atomically(study.directory().file("evaluation.json"), text);
  file.attribute("/", "json_crc32", crc32_text(crc32_of(text)));  // of evaluation.json
  file.attribute("/", "settings", evaluation_fingerprint(study));
  file.commit();
}

/// Throws Error, naming the item, when an output is not a number.
void check_finite(const Study& study, const ScoredPart& part) {
  for (std::size_t i = 0; i < part.samples(); ++i)
    for (const float value : part.row(i))
      if (!std::isfinite(value))
        fail(
            "{}: the network gives {} for it, expected finite numbers: what it has learnt is of no use; train with a "
            "lower training.optimizer.learning_rate",
            study.data()->items->name_of(part.item_of(i)), value);
}

/// The scores of a task on the study's own data.
void evaluate_task(const Study& study, LearningSetup& setup, const Normalisation& normalisation) {
  std::vector<ScoredPart> parts;
  for (const auto& [name, groups] : {std::pair{"test", &setup.test()}, std::pair{"validation", &setup.validation()}}) {
    auto& part = parts.emplace_back();
    part.name = name;
    part.items = items_of(*groups);
    part.per_item = setup.sampler().scored();
    part.normalisation = normalisation;
    auto rows = sample_rows(study.world(), setup.store(), normalisation, setup.sampler(), setup.task().targets(),
                            setup.network(), part.items, true);
    part.outputs = std::move(rows.outputs);
    part.targets = std::move(rows.targets);
    part.inputs = std::move(rows.inputs);
    together(study.world(), [&] { check_finite(study, part); });
    if (const auto same = same_output(part.outputs, setup.network().outputs()))
      log::warning(
          "evaluate: the network gives every {} sample the same output ({:.4g}): what it has learnt does not depend on "
          "its input",
          part.name, *same);
  }
  together(study.world(), [&] {
    if (!study.world().is_root()) return;
    Json summary{{"task", study.settings().task.kind}};
    Hdf5Writer file(study.directory().file("evaluation.h5"));
    const Bootstrap bootstrap{.seed = study.settings().training.seed,
                              .resamples = study.settings().bootstrap_resamples};
    for (const auto& part : parts) setup.task().score(part, bootstrap, summary, file);
    file.attribute("/", "task", setup.task().prediction().to_json().dump());
    write_evaluation(study, summary, file);
  });
}

}  // namespace

void evaluate(const Study& study) {
  LearningSetup setup(study);
  Normalisation normalisation;
  together(study.world(), [&] { normalisation = load_model(study, setup.network()); });
  if (study.data() != nullptr) return evaluate_task(study, setup, normalisation);
  const SampleKind kind = study.settings().dataset.sample;
  const bool several = setup.sampler().scored() > 1;  // samples of a cube

  std::vector<ScoredPairs> parts{{"test", items_of(setup.test()), {}},
                                 {"validation", items_of(setup.validation()), {}}};
  for (auto& part : parts) {
    part.logits =
        sample_outputs(study.world(), setup.store(), normalisation, setup.sampler(), setup.network(), part.items);
    together(study.world(), [&] { check_logits(part.samples()); });
    if (const auto same = same_output(part.logits))
      log::warning(
          "evaluate: the network gives every {} sample the same output ({:.4g}): what it has learnt does not depend on "
          "its input",
          part.name, *same);
  }
  const auto information = two_point(study, setup);
  announce_bootstrap(study, parts);
  setup.note_cubes(study);

  Json summary;
  for (const auto& part : parts) {
    const auto samples = part.samples();
    const auto seed = study.settings().training.seed;
    const int resamples = study.settings().bootstrap_resamples;
    const auto add = [&](const std::string& name, const std::vector<ScoredSample>& scored) {
      const auto metrics = classification_metrics(scored, seed, resamples);
      summary[part.name][name] = to_json(metrics);
      // The bootstrap has nothing to draw from when there is one seed.
      const auto error = std::isfinite(metrics.accuracy_error) ? fmt::format(" ± {:.4f}", metrics.accuracy_error)
                                                               : std::string(" (one seed: no error)");
      log::info("evaluate: {:10}  {:7}  accuracy {:.4f}{}  AUC {:.4f}", part.name, name, metrics.accuracy, error,
                metrics.auc);
    };
    if (several) add(word_of(sample_kind_names(), kind), samples);
    add("cube", aggregate_per_cube(samples));
    if (part.name == "test" && information) {
      if (kind == SampleKind::slice) summary[part.name]["slice"]["bound"] = information->slice_bound;
      summary[part.name]["cube"]["bound"] = information->cube_bound;
      summary[part.name]["spectra"] = to_json(classification_metrics(information->scored_cubes, seed, resamples));
    }
  }
  if (information)
    log::info(
        "evaluate: two-point information allows {:.4f} for a slice and {:.4f} for a cube; a likelihood-ratio "
        "classifier of P(k) reaches {:.4f} on the test cubes",
        information->slice_bound, information->cube_bound, summary["test"]["spectra"]["accuracy"].get<double>());

  together(study.world(), [&] {
    if (!study.world().is_root()) return;
    Hdf5Writer file(study.directory().file("evaluation.h5"));
    for (const auto& part : parts) {
      if (several) write_samples(file, part, kind, setup.store().shape().side());
      write_cubes(file, part);
    }
    write_evaluation(study, summary, file);
  });
}

}  // namespace phiscope
