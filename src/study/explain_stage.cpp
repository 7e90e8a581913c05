#include <algorithm>
#include <cmath>
#include <cstdint>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/explanation/gradient_saliency.hpp"
#include "phiscope/explanation/map_check.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/learning/classification_metrics.hpp"
#include "phiscope/learning/sample_scorer.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/study/finished.hpp"
#include "phiscope/study/learning_setup.hpp"
#include "phiscope/study/stages.hpp"

namespace phiscope {
namespace {

struct ExplainedItem {
  Item item;
  ItemStore::Values input;
  SaliencyMaps maps;
  MapCheck check;  ///< of the absolute map, against that of random weights
};

/// What tells an item from the others of its group: the class where all groups have one of each, else its number.
std::string member_name(const Study& study, const Item& item) {
  if (study.data() == nullptr) return gravity_classes()[static_cast<std::size_t>(item.member)];
  const auto& data = *study.data()->items;
  return data.groups.front().size() > 1 ? data.classes[static_cast<std::size_t>(item.member)]
                                        : fmt::format("{}", item.id.within);
}

std::string name_of(const Study& study, const Item& item) {
  if (study.data() != nullptr) return study.data()->items->name_of(item);
  return fmt::format("seed {}, {}", item.group, member_name(study, item));
}

std::string failure_text(const Study& study, const ExplainedItem& it) {
  return fmt::format("{}: {}", name_of(study, it.item), it.check.failure);
}

void write_explanation(const Study& study, const std::vector<ExplainedItem>& explained,
                       const ItemShape& shape_of_items) {
  const auto side = static_cast<std::uint64_t>(shape_of_items.side());
  std::vector<std::uint64_t> shape{side, side, side};
  if (shape_of_items.axes == 2) shape = {side, side};
  if (shape_of_items.is_row()) shape = {static_cast<std::uint64_t>(shape_of_items.channels)};
  const std::string number = study.data() == nullptr ? "logit" : "explained number";
  Hdf5Writer file(study.directory().file("explanation.h5"));
  std::vector<double> correlations;
  std::vector<std::int32_t> passed;
  std::vector<std::string> failures;
  for (const auto& it : explained) {
    const std::string place = fmt::format("/{}/{}", it.item.group, member_name(study, it.item));
    file.write("gradient" + place, it.maps.signed_map, shape, "1/sigma",
               fmt::format("change of the {} per standard deviation of the input; of slices, the mean over the three "
                           "slicings",
                           number));
    file.write(
        "gradient_absolute" + place, it.maps.absolute_map, shape, "1/sigma",
        fmt::format("absolute change of the {} per standard deviation of the input; of slices, the mean over the "
                    "three slicings",
                    number));
    file.write("input" + place, std::span<const float>(*it.input).first(it.maps.signed_map.size()), shape, "",
               "what the network sees (first channel), before normalisation");
    correlations.push_back(it.check.correlation);
    passed.push_back(it.check.passed() ? 1 : 0);
    failures.push_back(it.check.passed() ? "" : failure_text(study, it));
  }
  file.write("sanity/gradient/weight_randomisation", correlations, {correlations.size()}, "",
             "Spearman correlation of each absolute map with that of random weights: near 0 is good, near 1 says that "
             "the map does not depend on what was learnt; NaN where a map has no order");
  file.write("sanity/gradient/passed", passed, {passed.size()}, "",
             "1 where a map passed its check, 0 where it failed");
  file.write_strings("sanity/gradient/failure", failures, "why a map failed its check; empty where it passed");
  file.attribute("/", "settings", explanation_fingerprint(study));
  file.commit();
}

/// Why no map of this network can explain anything; empty where its answer depends on what it sees. Throws AgreedError
/// when an answer is not a number.
std::string learnt_nothing(const Study& study, LearningSetup& setup, const Normalisation& normalisation,
                           std::span<const Item> items) {
  const auto logits =
      sample_outputs(study.world(), setup.store(), normalisation, setup.sampler(), setup.network(), items);
  together(study.world(), [&] {
    std::vector<ScoredSample> samples;
    if (study.data() != nullptr) {
      for (std::size_t i = 0; i < logits.size(); ++i)
        if (!std::isfinite(logits[i]))
          fail("{}: the network gives {} for it, expected finite numbers",
               name_of(study, items[i * items.size() / logits.size()]), logits[i]);
      return;
    }
    for (std::size_t i = 0; i < logits.size(); ++i) {
      const auto& item = items[i * items.size() / logits.size()];
      samples.push_back({item.group, item.member == 1, logits[i]});
    }
    check_logits(samples);
  });
  const auto same = same_output(logits, setup.network().outputs());
  if (!same) return {};
  return fmt::format(
      "the network gives every sample the same output ({:.4g}): what it has learnt does not depend on "
      "its input",
      *same);
}

void announce(const Study& study, const ExplainedItem& it) {
  if (!it.check.passed()) return log::warning("explain: FAILED: {}", failure_text(study, it));
  log::info("explain: {}: correlation with the map of random weights {:.3f}", name_of(study, it.item),
            it.check.correlation);
}

}  // namespace

std::string explanation_fingerprint(const Study& study) {
  return study.fingerprint(Affects::maps) + training_fingerprint(study);
}

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

  std::vector<ItemGroup> pairs = setup.test();
  pairs.resize(std::min(pairs.size(), static_cast<std::size_t>(study.settings().explained_pairs)));
  const auto items = items_of(pairs);
  const auto dead = learnt_nothing(study, setup, normalisation, items);
  std::vector<ExplainedItem> explained;
  for (const auto& item : items) {
    if (study.world().any(stop_requested()))
      throw StoppedOnRequest("stopped on request while explaining; the same command begins this stage again");
    auto maps = gradient_saliency(study.world(), setup.store(), normalisation, setup.sampler(), setup.task(),
                                  setup.network(), item);
    const auto random =
        gradient_saliency(study.world(), setup.store(), normalisation, setup.sampler(), setup.task(), randomised, item);
    together(study.world(), [&] {
      MapCheck check = check_map(maps.absolute_map, random.absolute_map);
      if (!dead.empty()) check.failure = dead;
      explained.push_back({item, setup.store().get(item.id), std::move(maps), std::move(check)});
    });
    announce(study, explained.back());
  }
  setup.note_cubes(study);
  together(study.world(), [&] {
    if (study.world().is_root()) write_explanation(study, explained, setup.store().shape());
  });
}

}  // namespace phiscope
