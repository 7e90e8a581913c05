#include "phiscope/study/learning_setup.hpp"

#include <nlohmann/json.hpp>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/provenance.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/io/safetensors.hpp"
#include "phiscope/learning/checkpoint.hpp"
#include "phiscope/learning/slice_order.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/study/finished.hpp"

namespace phiscope {
namespace {

std::filesystem::path model_file(const Study& study) {
  return study.directory().file("model.safetensors");
}

/// Throws Error unless the network takes the samples of `transform` and gives one logit.
neural::NetworkDescription describe_network(const Study& study, const CubeTransform& transform) {
  const auto& network = study.settings().network;
  std::map<std::string, double> parameters;
  if (network.hidden) parameters["hidden"] = *network.hidden;
  if (network.dropout) parameters["dropout"] = *network.dropout;
  const neural::SampleShape input{transform.channels(), {transform.n(), transform.n()}};
  auto description =
      neural::NetworkDescription::parse(read_text_file(network.file), network.file.string(), parameters, input);
  if (description.output().values() != 1)
    fail("{}: the network gives {} values for a sample, expected one logit", network.file.string(),
         description.output().values());
  return description;
}

}  // namespace

void check_learning(const Study& study) {
  together(study.world(), [&] {
    const auto& settings = study.settings();
    const CubeTransform transform(study.catalogue(), study.background(), settings.dataset);
    (void)describe_network(study, transform);
    (void)neural::Optimizer::make(settings.training.optimizer, 1);
    for (const auto* seeds : {&settings.split.train, &settings.split.validation, &settings.split.test})
      (void)make_pairs(*seeds, settings.dataset.null_test);
    const auto pairs = static_cast<std::int64_t>(make_pairs(settings.split.train, settings.dataset.null_test).size());
    SliceOrder::Settings dealing;
    dealing.lanes = settings.training.lanes;
    dealing.micro_batch = settings.training.micro_batch();
    if (SliceOrder(dealing, pairs, transform.n()).steps() == 0)
      fail("training.batch is {}, more than the {} slices of the training set, dealt into {} lanes, can fill",
           settings.training.batch, pairs * 6 * transform.n(), settings.training.lanes);
  });
}

std::vector<LabelledRun> runs_of(const std::vector<RunPair>& pairs) {
  std::vector<LabelledRun> runs;
  for (const auto& pair : pairs) {
    runs.push_back(pair.newton);
    runs.push_back(pair.gr);
  }
  return runs;
}

LearningSetup::LearningSetup(const Study& study)
    : transform_(study.catalogue(), study.background(), study.settings().dataset),
      micro_batch_(study.settings().training.micro_batch()) {
  const auto& settings = study.settings();
  store_ = std::make_unique<CubeStore>(transform_, settings.dataset.cache_gib);
  together(study.world(), [&] {
    train_ = make_pairs(settings.split.train, settings.dataset.null_test);
    validation_ = make_pairs(settings.split.validation, settings.dataset.null_test);
    test_ = make_pairs(settings.split.test, settings.dataset.null_test);
    description_ = std::make_unique<neural::NetworkDescription>(describe_network(study, transform_));
    network_ = std::make_unique<neural::Network>(*description_, micro_batch_);
  });
}

std::string normalisation_fingerprint(const Study& study) {
  std::string text = study.fingerprint(
      {"dataset.transform", "dataset.redshifts", "dataset.remove_mean", "dataset.null_test", "dataset.split.train"});
  // The growth factors use the redshifts of the time steps, not the nominal ones.
  const auto& catalogue = study.catalogue();
  for (const double redshift : study.settings().dataset.redshifts)
    text +=
        fmt::format("real redshift: {}\n",
                    catalogue.entry(catalogue.seeds().front(), catalogue.gravities().front(), redshift).real_redshift);
  return text;
}

Normalisation training_normalisation(const Study& study, LearningSetup& setup) {
  const auto file = study.directory().unit("normalisation.h5");
  const auto fingerprint = normalisation_fingerprint(study);
  Normalisation normalisation;
  if (is_finished(study.world(), file, fingerprint)) {
    together(study.world(), [&] {
      const Hdf5Reader unit(file);
      normalisation = {unit.read<double>("mean"), unit.read<double>("standard_deviation")};
    });
    return normalisation;
  }
  normalisation = measure_normalisation(study.world(), setup.store(), runs_of(setup.train()));
  together(study.world(), [&] {
    if (!study.world().is_root()) return;
    Hdf5Writer unit(file);
    const std::vector<std::uint64_t> shape{normalisation.mean.size()};
    unit.write("mean", normalisation.mean, shape, "", "of the training cubes, by channel");
    unit.write("standard_deviation", normalisation.standard_deviation, shape, "", "of the training cubes, by channel");
    unit.attribute("/", "settings", fingerprint);
    unit.commit();
  });
  return normalisation;
}

std::string training_fingerprint(const Study& study) {
  return normalisation_fingerprint(study) +
         study.fingerprint({"dataset.sample", "dataset.split.validation", "dataset.flips_and_turns", "dataset.rolls",
                            "dataset.matched", "dataset.shuffle_cubes", "network.hidden", "network.dropout",
                            "training.epochs", "training.batch", "training.lanes", "training.seed", "training.patience",
                            "training.statistics_steps", "training.optimizer"}) +
         "network:\n" + study.settings().network.text;
}

void save_model(const Study& study, const neural::Network& network, const Normalisation& normalisation) {
  std::vector<Tensor> tensors;
  for (auto& tensor : network.export_tensors())
    tensors.push_back({std::move(tensor.name), std::move(tensor.shape), std::move(tensor.values)});
  const nlohmann::ordered_json scales{{"mean", normalisation.mean},
                                      {"standard_deviation", normalisation.standard_deviation}};
  write_safetensors(model_file(study), tensors,
                    {{"format", "phiscope"},
                     {"phiscope_version", version()},
                     {"normalisation", scales.dump()},
                     {"settings", training_fingerprint(study)}});
}

Normalisation load_model(const Study& study, neural::Network& network) {
  const auto file = model_file(study);
  if (!std::filesystem::exists(file))
    fail("{}: there is no trained network yet; run `phiscope train` first", file.string());
  auto model = read_safetensors(file);
  check_same_settings(file.string(), model.metadata["settings"], training_fingerprint(study));
  std::vector<neural::NamedTensor> tensors;
  for (auto& tensor : model.tensors)
    tensors.push_back({std::move(tensor.name), std::move(tensor.shape), std::move(tensor.values)});
  network.import_tensors(tensors);
  const auto scales = nlohmann::json::parse(model.metadata["normalisation"]);
  return {scales.at("mean").get<std::vector<double>>(), scales.at("standard_deviation").get<std::vector<double>>()};
}

}  // namespace phiscope
