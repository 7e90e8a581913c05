#include "phiscope/study/learning_setup.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "measured_unit.hpp"
#include "phiscope/base/choices.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/memory.hpp"
#include "phiscope/base/provenance.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/data/cube_transform.hpp"
#include "phiscope/data/gravity_pairs.hpp"
#include "phiscope/data/packed_file.hpp"
#include "phiscope/data/spectra_source.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/io/safetensors.hpp"
#include "phiscope/learning/checkpoint.hpp"
#include "phiscope/learning/sample_order.hpp"
#include "phiscope/learning/trained_model.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/parallel/unit_loop.hpp"
#include "phiscope/study/finished.hpp"
#include "phiscope/study/known_theory.hpp"
#include "phiscope/study/pack_cubes.hpp"
#include "warnings_of_ranks.hpp"

namespace phiscope {
namespace {

std::filesystem::path model_file(const Study& study) {
  return study.directory().file("model.safetensors");
}

std::filesystem::path statistics_file(const Study& study) {
  return study.settings().output_directory / "statistics.h5";
}

bool has_spectra(const Study& study) {
  return study.settings().dataset.sample == SampleKind::spectra;
}

/// Where the study's samples are cut from. Throws Error when it cannot give them.
std::unique_ptr<ItemSource> make_source(const Study& study, CubeWitness* witness = nullptr) {
  const auto& settings = study.settings();
  const auto& dataset = settings.dataset;
  if (has_spectra(study)) {
    const auto file = statistics_file(study);
    if (!std::filesystem::exists(file))
      fail("{}: there are no spectra for dataset.sample spectra yet; run `phiscope measure` first", file.string());
    return std::make_unique<SpectraSource>(file, dataset.spectra, dataset.redshifts);
  }
  if (dataset.packed.empty())
    return std::make_unique<CubeTransform>(study.catalogue(), study.background(), dataset, witness);
  std::vector<std::uint64_t> seeds;
  for (const auto* part : {&settings.split.train, &settings.split.validation, &settings.split.test})
    seeds.insert(seeds.end(), part->begin(), part->end());
  return std::make_unique<PackedSource>(dataset.packed, cube_fingerprint(study), seeds);
}

/// The growth factors use the redshifts of the time steps, not the nominal ones.
std::string real_redshifts(const Study& study) {
  std::string text;
  const auto& catalogue = study.catalogue();
  // Of a seed that every stage opens; a search does not open the test seeds.
  const auto seed = study.settings().split.train.front();
  for (const double redshift : study.settings().dataset.redshifts)
    text += fmt::format("real redshift: {}\n",
                        catalogue.entry(seed, catalogue.gravities().front(), redshift).real_redshift);
  return text;
}

/// The parts of the data: those of the study's own, or pairs of runs.
LabelledParts parts_of(const Study& study) {
  if (study.data() != nullptr) return study.data()->parts;
  const auto& split = study.settings().split;
  const bool null_test = study.settings().dataset.null_test;
  return {make_pairs(split.train, null_test), make_pairs(split.validation, null_test),
          make_pairs(split.test, null_test)};
}

/// What the study asks: of its own data what it says, of pairs of runs which gravity. Throws Error where data and task
/// do not fit.
std::unique_ptr<Task> task_of(const Study& study, const LabelledParts& parts, const Sampler& sampler) {
  const auto& wanted = study.settings().task;
  if (study.data() != nullptr)
    return find_row(study.tables().tasks, wanted.kind)->make(wanted, *study.data()->items, parts, sampler);
  LabelledData pairs;
  pairs.classes = gravity_classes();
  pairs.item_word = "cube";
  pairs.group_word = "seed";
  return find_row(standard_tasks(), "classification")->make(wanted, pairs, parts, sampler);
}

/// Throws Error unless the network takes samples of this shape and gives what the task's loss takes.
neural::NetworkDescription describe_network(const Study& study, const neural::SampleShape& input, const Task& task) {
  const auto& network = study.settings().network;
  std::map<std::string, double> parameters = network.parameters;
  if (network.hidden) parameters["hidden"] = *network.hidden;
  if (network.dropout) parameters["dropout"] = *network.dropout;
  const auto loss = task.loss(study.settings().training.loss);
  const auto suggested = task.network_parameters(loss);
  auto description = neural::NetworkDescription::parse(read_text_file(network.file), network.file.string(), parameters,
                                                       input, {suggested.begin(), suggested.end()});
  if (study.data() == nullptr && description.output().values() != 1)
    fail("{}: the network gives {} values for a sample, expected one logit", network.file.string(),
         description.output().values());
  try {
    neural::Loss::make(loss)->check_outputs(description.output().values(), task.targets().values());
  } catch (const Error& problem) {
    fail("{}: {}", network.file.string(), problem.what());
  }
  return description;
}

/// Throws Error, naming the tensor, when a weight is not a number: no answer of the network would be one.
void check_finite(const std::filesystem::path& file, const std::vector<neural::NamedTensor>& tensors) {
  for (const auto& tensor : tensors)
    for (const float value : tensor.values)
      if (!std::isfinite(value))
        fail("{}: the tensor '{}' holds {}, expected finite numbers; remove the file and train again", file.string(),
             tensor.name, value);
}

/// Throws Error saying how to have it again when it is damaged.
SafetensorsFile read_model(const std::filesystem::path& file) {
  try {
    return read_safetensors(file);
  } catch (const DamagedFile& problem) {
    fail("{}; `phiscope train` writes it again from checkpoints/best.ckpt", problem.what());
  }
}

}  // namespace

void check_learning(const Study& study) {
  together(study.world(), [&] {
    const auto& settings = study.settings();
    const auto parts = parts_of(study);
    if (study.data() == nullptr) {
      require_growth(study);
      if (has_spectra(study) && !std::filesystem::exists(statistics_file(study))) return;
    }
    const ItemShape shape =
        study.data() != nullptr ? study.data()->items->source->shape() : make_source(study)->shape();
    const auto sampler = Sampler::make(settings.dataset, shape);
    const auto task = task_of(study, parts, *sampler);
    const SampleOrder order({.lanes = settings.training.lanes, .micro_batch = settings.training.micro_batch()},
                            static_cast<std::int64_t>(parts.train.size()), static_cast<int>(parts.train.front().size()),
                            sampler->per_epoch());
    if (order.steps() == 0)
      fail("training.batch is {}, more than the {} samples of the training set, dealt into {} lanes, can fill",
           settings.training.batch, order.samples(), settings.training.lanes);
    const auto description = describe_network(study, sampler->shape(), *task);
    require_memory(
        neural::Network::memory_of(description, settings.training.micro_batch(), settings.training.precision),
        fmt::format("{}: the network, for micro-batches of {},", settings.network.file.string(),
                    settings.training.micro_batch()),
        "take a smaller micro-batch (training.batch, more training.lanes), smaller samples or a smaller "
        "network");
    try {
      (void)neural::LearningRateSchedule(settings.training.schedule, settings.training.optimizer.learning_rate,
                                         settings.training.epochs * order.steps(), order.steps());
    } catch (const Error& problem) {
      fail("training.schedule: {}", problem.what());
    }
  });
}

LearningSetup::LearningSetup(const Study& study) : training_(study.settings().training) {
  const auto& settings = study.settings();
  const StudyData* const data = study.data();
  together(study.world(), [&] {
    if (data == nullptr) {
      witness_ = study.cubes().witness(study);
      source_ = make_source(study, witness_.get());
    } else {
      channels_ = {data->items->channel_scaling, data->items->channel_names};
    }
    store_ = std::make_unique<ItemStore>(data != nullptr ? *data->items->source : *source_, settings.dataset.cache_gib);
    sampler_ = Sampler::make(settings.dataset, store_->shape());
  });
  check_pack(study);
  together(study.world(), [&] {
    parts_ = parts_of(study);
    task_ = task_of(study, parts_, *sampler_);
    training_.loss = task_->loss(training_.loss);
    description_ = std::make_unique<neural::NetworkDescription>(describe_network(study, sampler_->shape(), *task_));
    network_ = std::make_unique<neural::Network>(*description_, training_.micro_batch(), training_.precision);
  });
}

void LearningSetup::note_cubes(const Study& study) const {
  if (study.data() != nullptr) return;
  log_warnings(study.world(), CubeRegister::take_warnings(*witness_));
  if (has_spectra(study))
    study.cubes().learn_measured(study);
  else if (!study.settings().dataset.packed.empty())
    study.cubes().learn(study, packed_cubes_);
  else
    study.cubes().learn(study, *witness_);
}

/// Of the seeds of the catalogue, as a search opens no others.
void LearningSetup::check_pack(const Study& study) {
  const auto& settings = study.settings();
  if (study.data() != nullptr || has_spectra(study) || settings.dataset.packed.empty()) return;
  const auto& opened = study.catalogue().seeds();
  const std::set<std::uint64_t> known(opened.begin(), opened.end());
  std::vector<std::uint64_t> seeds;
  for (const auto* part : {&settings.split.train, &settings.split.validation, &settings.split.test})
    std::copy_if(part->begin(), part->end(), std::back_inserter(seeds),
                 [&](auto seed) { return known.contains(seed); });
  const auto look_at_seed = [&](std::int64_t place) {
    const auto found = look_at_packed(study, settings.dataset.packed, seeds[static_cast<std::size_t>(place)]);
    if (!found.change.empty()) fail("{}; `phiscope pack` with this study makes it anew", found.change);
    packed_cubes_.insert(packed_cubes_.end(), found.cubes.begin(), found.cubes.end());
    return true;
  };
  if (!for_each_unit(Dealing::to(study.world()), static_cast<std::int64_t>(seeds.size()), Agreement::at_the_end,
                     look_at_seed))
    throw StoppedOnRequest("stopped on request while comparing the packed cubes; the same command goes on from here");
}

std::string cube_fingerprint(const Study& study) {
  return study.fingerprint(Affects::cubes) + real_redshifts(study);
}

std::string normalisation_fingerprint(const Study& study) {
  if (study.data() != nullptr) return study.fingerprint(Affects::normalisation);
  if (has_spectra(study)) return study.fingerprint(Affects::vectors | Affects::normalisation) + unit_fingerprint(study);
  const auto& packed = study.settings().dataset.packed;
  const bool rounded = !packed.empty() && packed_values_of(packed) == PackedValues::float16;
  return study.fingerprint(Affects::cubes | Affects::normalisation) + real_redshifts(study) +
         (rounded ? "dataset.packed: float16\n" : "");
}

Normalisation training_normalisation(const Study& study, LearningSetup& setup) {
  const auto file = study.directory().unit("normalisation.h5");
  const auto fingerprint = normalisation_fingerprint(study);
  Normalisation normalisation;
  if (is_finished(study.world(), file, fingerprint)) {
    together(study.world(), [&] {
      const Hdf5Reader unit = open_result(file);
      normalisation = {unit.read<double>("mean"), unit.read<double>("standard_deviation")};
    });
    return normalisation;
  }
  normalisation = measure_normalisation(study.world(), setup.store(), items_of(setup.train()), setup.channels());
  setup.note_cubes(study);
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
  return normalisation_fingerprint(study) + study.fingerprint(Affects::weights) + "network:\n" +
         study.settings().network.text;
}

void save_model(const Study& study, const LearningSetup& setup, const Normalisation& normalisation) {
  const neural::Network& network = setup.network();
  std::vector<Tensor> tensors;
  for (auto& tensor : network.export_tensors())
    tensors.push_back({std::move(tensor.name), std::move(tensor.shape), std::move(tensor.values)});
  const nlohmann::ordered_json scales{{"mean", normalisation.mean},
                                      {"standard_deviation", normalisation.standard_deviation}};
  const auto& settings = study.settings();
  const auto& description = network.description();
  std::vector<std::int64_t> input_shape{description.input.channels};
  input_shape.insert(input_shape.end(), description.input.extents.begin(), description.input.extents.end());
  std::map<std::string, std::string> metadata{
      {"format", "phiscope"},
      {"phiscope_version", version()},
      {"network", settings.network.text},
      {"network_parameters", nlohmann::ordered_json(description.parameters).dump()},
      {"input_shape", nlohmann::ordered_json(input_shape).dump()},
      {"outputs", std::to_string(network.outputs())},
      {"loss", settings.training.loss.name},
      {"sample", word_of(sample_kind_names(), settings.dataset.sample)},
      {"transform", word_of(transform_names(), settings.dataset.transform)},
      {"redshifts", nlohmann::ordered_json(settings.dataset.redshifts).dump()},
      {"remove_mean", settings.dataset.remove_mean ? "true" : "false"},
      {"normalisation", scales.dump()},
      {"settings", training_fingerprint(study)}};
  if (study.data() != nullptr) {
    metadata["loss"] = setup.training().loss.name;
    metadata["task"] = setup.task().prediction().to_json().dump();
    metadata["data"] = data_text(settings.data);
  }
  write_safetensors(model_file(study), tensors, metadata);
}

Normalisation load_model(const Study& study, neural::Network& network) {
  const auto file = model_file(study);
  if (!std::filesystem::exists(file))
    fail("{}: there is no trained network yet; run `phiscope train` first", file.string());
  auto model = read_model(file);
  if (model.saved_again) log::info("{}: another program saved it again; what it holds has not changed", file.string());
  check_same_settings(file.string(), model.metadata["settings"], training_fingerprint(study));
  std::vector<neural::NamedTensor> tensors;
  for (auto& tensor : model.tensors)
    tensors.push_back({std::move(tensor.name), std::move(tensor.shape), std::move(tensor.values)});
  network.import_tensors(tensors);
  check_finite(file, tensors);
  const auto scales = nlohmann::json::parse(model.metadata["normalisation"]);
  return {scales.at("mean").get<std::vector<double>>(), scales.at("standard_deviation").get<std::vector<double>>()};
}

}  // namespace phiscope
