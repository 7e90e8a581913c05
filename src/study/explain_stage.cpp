#include <algorithm>

#include "phiscope/base/log.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/explanation/gradient_saliency.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/study/finished.hpp"
#include "phiscope/study/learning_setup.hpp"
#include "phiscope/study/stages.hpp"

namespace phiscope {
namespace {

std::string explanation_fingerprint(const Study& study) {
  return study.fingerprint({"dataset.split.test", "explanation"}) + training_fingerprint(study);
}

struct ExplainedRun {
  LabelledRun run;
  CubeStore::Cube input;
  SaliencyMaps maps;
  double randomised_correlation;  ///< of the absolute maps, with random weights
};

void write_explanation(const Study& study, const std::vector<ExplainedRun>& explained, const RunShape& run) {
  const auto side = static_cast<std::uint64_t>(run.n);
  std::vector<std::uint64_t> shape{side, side, side};
  if (run.is_vector()) shape = {static_cast<std::uint64_t>(run.channels)};
  Hdf5Writer file(study.directory().file("explanation.h5"));
  std::vector<double> correlations;
  for (const auto& item : explained) {
    const std::string place =
        fmt::format("/{}/{}", item.run.seed, gravity_name(item.run.is_gr ? Gravity::gr : Gravity::newton));
    file.write("gradient" + place, item.maps.signed_map, shape, "1/sigma",
               "change of the logit per standard deviation of the input; of slices, the mean over the three slicings");
    file.write("gradient_absolute" + place, item.maps.absolute_map, shape, "1/sigma",
               "absolute change of the logit per standard deviation of the input; of slices, the mean over the three "
               "slicings");
    file.write("input" + place, std::span<const float>(*item.input).first(item.maps.signed_map.size()), shape, "",
               "what the network sees (first channel), before normalisation");
    correlations.push_back(item.randomised_correlation);
  }
  file.write("sanity/gradient/weight_randomisation", correlations, {correlations.size()}, "",
             "Spearman correlation of each absolute map with that of random weights: near 0 is good, near 1 says that "
             "the map does not depend on what was learnt");
  file.attribute("/", "settings", explanation_fingerprint(study));
  file.commit();
}

}  // namespace

bool is_explained(const Study& study) {
  return is_finished(study.world(), study.directory().file("explanation.h5"), explanation_fingerprint(study));
}

void explain(const Study& study) {
  LearningSetup setup(study);
  Normalisation normalisation;
  together(study.world(), [&] { normalisation = load_model(study, setup.network()); });
  neural::Network randomised = setup.new_network();
  // Seeds of the trained weights count from 0 upwards; these count from the other end.
  randomised.initialise(~study.settings().training.seed);

  std::vector<RunPair> pairs = setup.test();
  pairs.resize(std::min(pairs.size(), static_cast<std::size_t>(study.settings().explained_pairs)));
  std::vector<ExplainedRun> explained;
  for (const auto& run : runs_of(pairs)) {
    if (study.world().any(stop_requested()))
      throw StoppedOnRequest("stopped on request while explaining; the same command begins this stage again");
    const auto maps =
        gradient_saliency(study.world(), setup.store(), normalisation, setup.sampler(), setup.network(), run);
    const auto random =
        gradient_saliency(study.world(), setup.store(), normalisation, setup.sampler(), randomised, run);
    CubeStore::Cube input;
    together(study.world(), [&] { input = setup.store().get(run.seed, run.gravity); });
    explained.push_back({run, input, maps, rank_correlation(maps.absolute_map, random.absolute_map)});
    log::info("explain: seed {} {}: correlation with the map of random weights {:.3f}", run.seed,
              gravity_name(run.is_gr ? Gravity::gr : Gravity::newton), explained.back().randomised_correlation);
  }
  setup.note_cubes(study);
  together(study.world(), [&] {
    if (study.world().is_root()) write_explanation(study, explained, setup.store().shape());
  });
}

}  // namespace phiscope
