#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/learning/classification_metrics.hpp"
#include "phiscope/learning/slice_scorer.hpp"
#include "phiscope/learning/two_point_information.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/study/finished.hpp"
#include "phiscope/study/learning_setup.hpp"
#include "phiscope/study/stages.hpp"

namespace phiscope {
namespace {

using Json = nlohmann::ordered_json;

std::string evaluation_fingerprint(const Study& study) {
  return study.fingerprint({"dataset.split.test", "evaluation"}) + training_fingerprint(study);
}

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

/// A group of evaluation.h5 and of evaluation.json: one part of the split.
struct ScoredPart {
  std::string name;
  std::vector<LabelledRun> runs;
  std::vector<float> logits;  ///< runs × 3 × n

  std::vector<ScoredSample> slices(std::int64_t n) const {
    std::vector<ScoredSample> samples;
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const auto& run = runs[i / static_cast<std::size_t>(3 * n)];
      samples.push_back({run.seed, run.is_gr, logits[i]});
    }
    return samples;
  }
};

void write_part(Hdf5Writer& file, const ScoredPart& part, std::int64_t n) {
  std::vector<std::uint64_t> seeds;
  std::vector<std::string> gravities;
  std::vector<std::int32_t> axes, indices;
  const auto label = [](bool is_gr) { return gravity_name(is_gr ? Gravity::gr : Gravity::newton); };
  for (std::size_t i = 0; i < part.logits.size(); ++i) {
    const auto& run = part.runs[i / static_cast<std::size_t>(3 * n)];
    const auto slice = static_cast<std::int64_t>(i) % (3 * n);
    seeds.push_back(run.seed);
    gravities.push_back(label(run.is_gr));
    axes.push_back(static_cast<std::int32_t>(slice / n));
    indices.push_back(static_cast<std::int32_t>(slice % n));
  }
  const std::vector<std::uint64_t> shape{part.logits.size()};
  const std::string group = part.name + "/slice/";
  file.write(group + "seed", seeds, shape, "", "seed of the slice's cube");
  file.write_strings(group + "gravity", gravities, "class of the slice");
  file.write(group + "axis", axes, shape, "", "data axis that the slice is normal to: 0 (z), 1 (y), 2 (x)");
  file.write(group + "index", indices, shape, "", "place of the slice along that axis");
  file.write(group + "logit", part.logits, shape, "", "the network's output; positive says gr");

  const auto cubes = aggregate_per_cube(part.slices(n));
  seeds.clear();
  gravities.clear();
  std::vector<double> logits;
  for (const auto& cube : cubes) {
    seeds.push_back(cube.seed);
    gravities.push_back(label(cube.is_gr));
    logits.push_back(cube.logit);
  }
  file.write(part.name + "/cube/seed", seeds, {cubes.size()}, "", "seed of the cube");
  file.write_strings(part.name + "/cube/gravity", gravities, "class of the cube");
  file.write(part.name + "/cube/logit", logits, {cubes.size()}, "",
             "mean logit of the cube's slices; positive says gr");
}

/// Only for a scalar transform, real classes and enough training pairs to fit a covariance to.
std::optional<TwoPointInformation> two_point(const Study& study, LearningSetup& setup) {
  const bool vectors = setup.store().transform().vector_channels();
  if (vectors || study.settings().dataset.null_test || setup.train().size() < 4) return std::nullopt;
  return two_point_information(study.world(), setup.store(), study.catalogue().box_size(), setup.train(), setup.test());
}

}  // namespace

bool is_evaluated(const Study& study) {
  const bool tables =
      is_finished(study.world(), study.directory().file("evaluation.h5"), evaluation_fingerprint(study));
  return tables && study.world().any(study.world().is_root() &&
                                     std::filesystem::exists(study.directory().file("evaluation.json")));
}

void evaluate(const Study& study) {
  LearningSetup setup(study);
  Normalisation normalisation;
  together(study.world(), [&] { normalisation = load_model(study, setup.network()); });
  const std::int64_t n = setup.store().transform().n();

  std::vector<ScoredPart> parts{{"test", runs_of(setup.test()), {}}, {"validation", runs_of(setup.validation()), {}}};
  for (auto& part : parts)
    part.logits = slice_logits(study.world(), setup.store(), normalisation, setup.network(), part.runs);
  const auto information = two_point(study, setup);

  Json summary;
  for (const auto& part : parts) {
    const auto slices = part.slices(n);
    const auto seed = study.settings().training.seed;
    const int resamples = study.settings().bootstrap_resamples;
    const auto of_slices = classification_metrics(slices, seed, resamples);
    const auto of_cubes = classification_metrics(aggregate_per_cube(slices), seed, resamples);
    summary[part.name] = {{"slice", to_json(of_slices)}, {"cube", to_json(of_cubes)}};
    if (part.name == "test" && information) {
      summary[part.name]["slice"]["bound"] = information->slice_bound;
      summary[part.name]["cube"]["bound"] = information->cube_bound;
      summary[part.name]["spectra"] = to_json(classification_metrics(information->scored_cubes, seed, resamples));
    }
    log::info("evaluate: {:10}  slices {:.4f} ± {:.4f} (AUC {:.4f})  cubes {:.4f} ± {:.4f} (AUC {:.4f})", part.name,
              of_slices.accuracy, of_slices.accuracy_error, of_slices.auc, of_cubes.accuracy, of_cubes.accuracy_error,
              of_cubes.auc);
  }
  if (information)
    log::info(
        "evaluate: two-point information allows {:.4f} for a slice and {:.4f} for a cube; a likelihood-ratio "
        "classifier of P(k) reaches {:.4f} on the test cubes",
        information->slice_bound, information->cube_bound, summary["test"]["spectra"]["accuracy"].get<double>());

  together(study.world(), [&] {
    if (!study.world().is_root()) return;
    // The JSON first: the HDF5 file, renamed into place last, says that both are there.
    write_file_atomically(study.directory().file("evaluation.json"), summary.dump(2) + "\n");
    Hdf5Writer file(study.directory().file("evaluation.h5"));
    for (const auto& part : parts) write_part(file, part, n);
    file.attribute("/", "settings", evaluation_fingerprint(study));
    file.commit();
  });
}

}  // namespace phiscope
