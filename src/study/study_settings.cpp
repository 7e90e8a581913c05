#include "phiscope/study/study_settings.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <numbers>
#include <set>
#include <string>

#include "complete_data.hpp"
#include "data_setting_rows.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/catalogue/run_files.hpp"
#include "setting_ranges.hpp"

namespace phiscope {

namespace {

void add_bispectrum(SettingsTable& t, BispectrumSettings& b) {
  t.add_choice(
      "measure.bispectrum.triangles", Affects::spectra, b.triangles,
      {{"none", Triangles::none}, {"shapes", Triangles::shapes}, {"all", Triangles::all}, {"file", Triangles::file}},
      "what the bispectrum is measured on: nothing, families of one shape, all closed triangles of bins, a list");
  t.add("measure.bispectrum.shapes", Affects::bispectra, b.shapes,
        {"equilateral", "squeezed", "stretched", "isosceles"},
        "for shapes: squeezed has µ = 0.99, k2 = k1, stretched µ = 0.99, k2 = 0.51 k1, with µ = −cos θ");
  t.add("measure.bispectrum.angles", Affects::bispectra, b.angles, {0.0, std::numbers::pi}, "rad",
        "of isosceles shapes: θ between the vectors k1 and k2, of equal length");
  t.add("measure.bispectrum.k_steps", Affects::bispectra, b.k_steps, {0.0, 10000.0},
        "for shapes: values of k1, in equal ratios from k_min to k_max; 0: one every bin_width, whose shells do not "
        "overlap");
  t.add("measure.bispectrum.k_min", Affects::bispectra, b.k_min, positive, "h/Mpc",
        "for shapes: the first k1; auto: k_F, or bin_width where k_steps is 0");
  t.add("measure.bispectrum.k_max", Affects::bispectra, b.k_max, positive, "h/Mpc",
        "the last k1 of shapes, the highest edge of all; auto: as far as the triangles are free of aliasing and below "
        "(N/2 − 1) k_F");
  t.add("measure.bispectrum.bin_width", Affects::bispectra, b.bin_width, {0.1, 1000.0}, "k_F", "width of the shells");
  t.add("measure.bispectrum.edges", Affects::bispectra, b.edges, positive, "h/Mpc",
        "for all: edges of the bins, in place of bin_width");
  t.add("measure.bispectrum.file", Affects::bispectra | Affects::by_content, b.file,
        "for file: a CSV file with the columns k1,k2,k3 in h/Mpc");
  t.add_choice("measure.bispectrum.convention", Affects::bispectra, b.convention,
               {{"default", TriangleConvention::standard}, {"pylians", TriangleConvention::pylians}},
               "pylians: the shells of Pylians3, 2 k_F wide, with k = 0 and triangles that close modulo N");
  t.add_choice(
      "measure.bispectrum.aliasing", Affects::bispectra, b.aliasing,
      {{"refuse", Aliasing::refuse}, {"pad", Aliasing::pad}, {"allow", Aliasing::allow}},
      "triangles too large for the grid: an error, measured on a finer grid, or with those that close modulo N");
}

void add_optimizer(SettingsTable& t, neural::OptimizerSettings& o) {
  const std::string section = "training.optimizer.";
  t.add_choice(section + "name", Affects::weights, o.name, words(neural::optimizer_names()),
               "how the gradient becomes a step");
  t.add(section + "learning_rate", Affects::weights, o.learning_rate,
        {.minimum = 0.0, .maximum = 10.0, .above_minimum = true}, "", "step size; the largest one of the schedule");
  t.add(section + "momentum", Affects::weights, o.momentum, below_one, "", "of sgd (auto: 0.9) and rmsprop (auto: 0)");
  t.add(section + "nesterov", Affects::weights, o.nesterov, "of sgd: Nesterov's momentum");
  t.add(section + "beta1", Affects::weights, o.beta1, below_one, "", "of adam, adamw and lamb");
  t.add(section + "beta2", Affects::weights, o.beta2, below_one, "", "of adam, adamw and lamb");
  t.add(section + "alpha", Affects::weights, o.alpha, below_one, "",
        "of rmsprop: how much of the mean square is kept from step to step");
  t.add(section + "centered", Affects::weights, o.centered,
        "of rmsprop: divide by the gradient's deviation, not by its root mean square");
  t.add(section + "epsilon", Affects::weights, o.epsilon, positive, "", "of all but sgd: added to what is divided by");
  t.add(section + "weight_decay", Affects::weights, o.weight_decay, not_negative, "",
        "sgd, adam, rmsprop: L2 penalty added to the gradient; adamw, lamb: shrinks the weights themselves");
}

void add_schedule(SettingsTable& t, neural::ScheduleSettings& s) {
  const std::string section = "training.schedule.";
  t.add_choice(section + "name", Affects::weights, s.kind, neural::schedule_names(), "how the learning rate goes on");
  t.add_alias("training.optimizer.schedule", section + "name");
  t.add(section + "warmup_epochs", Affects::weights, s.warmup_epochs, not_negative, "",
        "epochs over which the rate first rises to where the schedule begins");
  t.add(section + "warmup_start", Affects::weights, s.warmup_start, {0.0, 1.0}, "",
        "where the warm-up begins, as a fraction of that");
  t.add(section + "step_epochs", Affects::weights, s.step_epochs, positive, "", "of step: epochs between reductions");
  t.add(section + "factor", Affects::weights, s.factor, {.minimum = 0.0, .maximum = 1.0, .above_minimum = true}, "",
        "of step and reduce_on_plateau: of each reduction (auto: 0.1); of exponential: per epoch (auto: 0.95)");
  t.add(section + "minimum_rate", Affects::weights, s.minimum_rate, not_negative, "",
        "of cosine: where it ends; of reduce_on_plateau: the lowest rate");
  t.add(section + "patience", Affects::weights, s.patience, not_negative,
        "of reduce_on_plateau: epochs without a better validation loss that are borne");
  t.add(section + "threshold", Affects::weights, s.threshold, below_one, "",
        "of reduce_on_plateau: fraction by which a better loss is lower than the best one");
  t.add(section + "cooldown", Affects::weights, s.cooldown, not_negative,
        "of reduce_on_plateau: epochs after a reduction that are not counted");
  t.add(section + "pct_start", Affects::weights, s.pct_start,
        {.minimum = 0.0, .maximum = 1.0, .above_minimum = true, .below_maximum = true}, "",
        "of one_cycle: fraction of the steps over which the rate rises");
  t.add(section + "div_factor", Affects::weights, s.div_factor, at_least_one, "",
        "of one_cycle: highest rate over the first one");
  t.add(section + "final_div_factor", Affects::weights, s.final_div_factor, at_least_one, "",
        "of one_cycle: first rate over the last");
}

void add_training(SettingsTable& t, TrainingSettings& s) {
  t.add("training.epochs", Affects::weights, s.epochs, counted, "passes through the training set, at most");
  t.add("training.batch", Affects::weights, s.batch, counted, "samples of one optimiser step, over all ranks");
  t.add("training.lanes", Affects::weights, s.lanes, {1.0, 1024.0},
        "fixed streams of samples that the ranks share; a power of two; ranks beyond them are idle");
  t.add("training.seed", Affects::weights, s.seed, "seed of weights, order, augmentation and dropout");
  t.add("training.patience", Affects::weights, s.patience, not_negative,
        "epochs without a better validation loss before stopping; 0: never");
  t.add("training.statistics_steps", Affects::weights, s.statistics_steps, counted,
        "steps, with the weights at rest, over which the batch-norm statistics are measured before each validation");
  t.add("training.checkpoint_minutes", Affects::nothing, s.checkpoint_minutes, not_negative, "min",
        "between checkpoints inside an epoch; 0: at its end only");
  t.add("training.keep_every", Affects::nothing, s.keep_every, not_negative,
        "epochs between checkpoints that are kept for good, as checkpoints/epoch_0010.ckpt; 0: none");
  t.add("training.lag_seconds", Affects::nothing, s.lag_seconds, not_negative, "s",
        "a rank that the others wait for longer than this in a step is named in the log; 0: none");
  auto losses = words(neural::loss_names());
  losses.emplace_back("auto", "auto");
  t.add_choice("training.loss.name", Affects::weights, s.loss.name, losses,
               "what is made small; auto: what the task asks for");
  t.add("training.loss.class_weights", Affects::weights, s.loss.class_weights, not_negative, "",
        "of the cross-entropies: one per class (binary: newton, gr); empty: all 1");
  t.add("training.loss.label_smoothing", Affects::weights, s.loss.label_smoothing, below_one, "",
        "of the cross-entropies: part of each label that is spread over all classes");
  t.add("training.loss.components", Affects::weights, s.loss.components, {1.0, 1000.0},
        "of mixture_density: Gaussians per target");
  t.add("training.clip_norm", Affects::weights, s.clip_norm, not_negative, "",
        "largest norm of the gradient, to which a longer one is scaled down; 0: no limit");
  t.add_choice("training.precision", Affects::weights, s.precision, neural::precision_names(),
               "of the values between a network's convolutions and of their gradients, as they are kept; weights and "
               "sums are in float32 either way");
  add_optimizer(t, s.optimizer);
  add_schedule(t, s.schedule);
}

}  // namespace

SettingsTable describe(StudySettings& s, const StudyTables& tables) {
  SettingsTable t;
  t.add("name", Affects::nothing, s.name, "name of the study; default: the name of its file");
  t.add("stages", Affects::nothing, s.stages, step_names(tables.stages),
        "what `phiscope run` does, in order; default: measure, train, evaluate, explain, report; of data all but "
        "measure");
  t.add("output.directory", Affects::nothing, s.output_directory, "the run directory; default: runs/NAME");
  t.add("parallel.threads_per_rank", Affects::nothing, s.threads_per_rank, not_negative,
        "threads of each rank; 0: OMP_NUM_THREADS where it is set, else 1");
  t.add_choice("parallel.fft", Affects::spectra, s.fft, {{"own", FftEngine::own}, {"fftw_mpi", FftEngine::fftw_mpi}},
               "what transforms the cubes that are measured: our own code, or FFTW-MPI, whose spectra agree to 1e-12 "
               "(double) or 1e-6 (single) and not to the byte; the shells of bispectra and what the network sees stay "
               "with our own");

  t.add("simulations.root", Affects::nothing, s.simulations.root, "folder that holds seedXXXX/{gr,newton}/");
  t.add("simulations.seeds", Affects::catalogue, s.simulations.seeds, "the seeds of the study");
  t.add("simulations.gravities", Affects::spectra, s.simulations.gravities, {"gr", "newton"}, "the runs of each seed");
  t.add("simulations.redshifts", Affects::spectra, s.simulations.redshifts, {-0.5}, "",
        "nominal redshifts, as in the settings_used.ini files");
  t.add("simulations.field", Affects::catalogue, s.simulations.field,
        "what the cubes hold, as gevolution's file names say: phi, chi, T00, delta, psiN, pi_k, …; of a vector or "
        "tensor one "
        "component, counted from 0: B[0], hij[5]");
  t.add("simulations.box_size", Affects::nothing, s.simulations.box_size, positive, "Mpc/h",
        "checked against the simulations where given");
  t.add("simulations.grid_size", Affects::nothing, s.simulations.grid_size, at_least_one,
        "cells per side; checked where given");
  t.add_choice("simulations.on_bad_cube", Affects::catalogue, s.simulations.on_bad_cube,
               {{"stop", OnBadCube::stop}, {"skip", OnBadCube::skip}},
               "stop, or read every cube first and leave out each pair with a bad one");

  t.add("cosmology.h", Affects::nothing, s.cosmology.h, {0.1, 2.0}, "", "checked against the simulations where given");
  t.add("cosmology.omega_b", Affects::nothing, s.cosmology.omega_b, {0.0, 1.0}, "",
        "Ω_b h²; checked against the simulations where given");
  t.add("cosmology.omega_cdm", Affects::nothing, s.cosmology.omega_cdm, {0.0, 1.0}, "",
        "Ω_cdm h²; checked against the simulations where given");

  t.add("cosmology.transfer", Affects::theory | Affects::by_content, s.cosmology.transfer,
        "a CLASS transfer table for the linear theory beside the spectra; empty: Eisenstein & Hu (1998)");

  add_simulate(t, s.simulate, tables.engines);
  t.add("measure.ranks_per_cube", Affects::nothing, s.measure.ranks_per_cube, at_least_one,
        "ranks that hold one cube together; divides the number of ranks");
  t.add_choice("measure.precision", Affects::spectra, s.measure.precision,
               {{"double", Precision::double_precision}, {"single", Precision::single_precision}},
               "of the Fourier transforms");
  auto& power = s.measure.power;
  t.add_choice("measure.power.convention", Affects::spectra, power.convention,
               {{"default", PowerConvention::standard}, {"pylians", PowerConvention::pylians}},
               "binning and mode counts; pylians reproduces Pylians3");
  t.add_choice(
      "measure.power.window", Affects::spectra, power.window,
      {{"none", Window::none}, {"ngp", Window::ngp}, {"cic", Window::cic}, {"tsc", Window::tsc}, {"pcs", Window::pcs}},
      "mass-assignment window to deconvolve, for the bispectrum too; Φ cubes have none");
  t.add_choice("measure.power.spacing", Affects::spectra, power.spacing,
               {{"linear", BinSpacing::linear}, {"logarithmic", BinSpacing::logarithmic}, {"edges", BinSpacing::edges}},
               "how the bins are laid: of one width, of one ratio, or between the edges listed");
  t.add("measure.power.bin_width", Affects::spectra, power.bin_width, {0.1, 1000.0}, "k_F",
        "width of linear bins, k_F = 2π/box_size");
  t.add("measure.power.first_edge", Affects::spectra, power.first_edge, not_negative, "k_F",
        "where the first bin begins; auto: half a bin_width, 1 for logarithmic bins");
  t.add("measure.power.per_decade", Affects::spectra, power.per_decade,
        {.minimum = 0.0, .maximum = 10000.0, .above_minimum = true}, "", "logarithmic bins per factor of ten in k");
  t.add("measure.power.edges", Affects::spectra, power.edges, not_negative, "h/Mpc", "edges of the bins, ascending");
  t.add("measure.power.k_max", Affects::spectra, power.k_max, positive, "h/Mpc",
        "highest edge of a bin; auto: (N/2 − 1) k_F, beyond which gevolution's initial power is zero (no limit for "
        "edges that are listed)");
  t.add_choice("measure.power.multipoles", Affects::spectra, power.multipoles,
               {{"none", std::nullopt}, {"0", 0}, {"1", 1}, {"2", 2}},
               "the data axis to measure the multipoles P2 and P4 along");
  add_bispectrum(t, s.measure.bispectrum);

  add_data(t, s.data, tables.data_kinds);
  add_task(t, s.task, tables.tasks);
  t.add_choice("dataset.transform", Affects::cubes, s.dataset.transform, transform_names(),
               "what the network sees of Φ");
  t.add_choice("dataset.sample", Affects::weights, s.dataset.sample, sample_kind_names(),
               "what one sample is: slices along all three axes, whole cubes, sub-cubes, or the measured spectra of Φ "
               "(of statistics.h5; dataset.transform has no part in them)");
  t.add("dataset.subcube.size", Affects::weights, s.dataset.subcube.size, at_least_one,
        "cells per side of sub-cubes, a divisor of the grid size; auto: half of it");
  t.add("dataset.subcube.per_cube", Affects::weights, s.dataset.subcube.per_cube, {1.0, 1e6},
        "sub-cubes at random places that an epoch sees of each training cube; others are scored by tiles");
  t.add("dataset.spectra.power", Affects::vectors, s.dataset.spectra.power, "for spectra: ln P(k) of every bin");
  t.add("dataset.spectra.bispectrum", Affects::vectors, s.dataset.spectra.bispectrum,
        "for spectra: Q of every triangle");
  t.add(
      "dataset.redshifts", Affects::cubes | Affects::vectors, s.dataset.redshifts, {-0.5}, "",
      "nominal; growth_difference takes two (default: the first and the last of the study), spectra any (default: all "
      "of the study), the others one (default: the last)");
  t.add("dataset.remove_mean", Affects::cubes, s.dataset.remove_mean,
        "subtract the mean of every cube; kept, it gives the gravity away without any structure");
  t.add("dataset.null_test", Affects::normalisation, s.dataset.null_test,
        "both classes newton, of different seeds: the accuracy must come out at one half");
  t.add("dataset.split.train", Affects::normalisation, s.split.train,
        "seeds to train on; the normalisation comes from them alone");
  t.add("dataset.split.validation", Affects::weights, s.split.validation, "seeds that choose the best epoch");
  t.add("dataset.split.test", Affects::scores | Affects::maps, s.split.test, "seeds that are scored");
  add_fractions(t, s.split_fractions);
  t.add("dataset.flips_and_turns", Affects::weights, s.dataset.flips_and_turns,
        "augment with random flips and right-angle turns of slices, cubes and sub-cubes");
  t.add("dataset.rolls", Affects::weights, s.dataset.rolls, "augment with random periodic rolls of slices and cubes");
  t.add("dataset.matched", Affects::weights, s.dataset.matched,
        "put the gr and the newton version of a sample into the same micro-batch");
  t.add("dataset.cache_gib", Affects::nothing, s.dataset.cache_gib, {0.0, 1e6}, "GiB",
        "memory of each rank for cubes that may be needed again");
  t.add("dataset.packed", Affects::normalisation | Affects::by_content, s.dataset.packed,
        "a file of `phiscope pack` to read the transformed cubes from; empty: from the simulations");
  t.add("dataset.shuffle_cubes", Affects::weights, s.dataset.shuffle_cubes, {2.0, 1e9},
        "cubes whose samples a lane mixes at a time");

  t.add("network.file", Affects::weights | Affects::by_content, s.network.file,
        "the network's description (see config/networks)");
  t.add("network.hidden", Affects::weights, s.network.hidden, at_least_one, "",
        "the network's width parameter; auto: its file's");
  t.add("network.dropout", Affects::weights, s.network.dropout, {0.0, 0.99}, "",
        "the network's dropout parameter; auto: its file's");

  t.add_numbers("network.parameters", Affects::weights | Affects::where_set, s.network.parameters,
                "other parameters of the network's file; outputs, targets and components follow from the task where "
                "the file has them");

  add_training(t, s.training);
  add_search(t, s.search);

  t.add("repeat.folds", Affects::nothing, s.repeat.folds, {0.0, 1e6},
        "of `phiscope repeat`: cross-validation: the groups in so many folds, each of them tested once; 0: none");
  t.add("repeat.seeds", Affects::nothing, s.repeat.seeds, {0.0, 1e6},
        "of repeat: an ensemble: so many trainings, with training.seed and those after it; 0: none");
  t.add("repeat.train_groups", Affects::nothing, s.repeat.train_groups, at_least_one, "",
        "of repeat: a learning curve: so many of the training groups each time");
  t.add("evaluation.bootstrap", Affects::scores, s.bootstrap_resamples, {10.0, 1e6},
        "resamples of the test seeds behind the error bars");
  t.add("explanation.pairs", Affects::maps, s.explained_pairs, at_least_one,
        "test pairs, from the first on, that are explained");
  return t;
}

namespace {

/// Whether the study names a stage, or it is asked for on the command line.
bool has_stage(const StudySettings& s, const std::string& asked_stage, const std::string& stage) {
  return stage == asked_stage || std::find(s.stages.begin(), s.stages.end(), stage) != s.stages.end();
}

/// What the stages of the study need; of a command of its own, what that needs.
Needs needs_of(const StudySettings& s, const std::string& asked_stage, const StageTable& stages) {
  const Stage* asked = find_stage(stages, asked_stage);
  if (asked != nullptr && !asked->is_step) return asked->needs;
  Needs most = asked != nullptr ? asked->needs : Needs::results;
  for (const auto& name : s.stages)
    if (const Stage* stage = find_stage(stages, name)) most = std::max(most, stage->needs);
  return most;
}

void check_samples(const DatasetSettings& dataset) {
  if (dataset.sample != SampleKind::spectra) return;
  if (!dataset.packed.empty())
    fail("dataset.packed is {}, but dataset.sample is spectra, which are read from statistics.h5",
         dataset.packed.string());
  if (!dataset.spectra.power && !dataset.spectra.bispectrum)
    fail("dataset.spectra wants neither power nor bispectrum, expected at least one of them");
}

void complete_redshifts(StudySettings& s) {
  const bool difference = s.dataset.transform == Transform::growth_difference;
  const bool spectra = s.dataset.sample == SampleKind::spectra;
  auto& chosen = s.dataset.redshifts;
  const auto& simulated = s.simulations.redshifts;
  if (chosen.empty() && spectra) chosen = simulated;
  if (chosen.empty()) {
    if (difference && simulated.size() < 2)
      fail("dataset.transform growth_difference needs two redshifts, simulations.redshifts lists {}", simulated.size());
    chosen =
        difference ? std::vector<double>{simulated.front(), simulated.back()} : std::vector<double>{simulated.back()};
  }
  if (!spectra && chosen.size() != (difference ? 2U : 1U))
    fail("dataset.redshifts lists {} redshifts; this dataset.transform takes {}", chosen.size(), difference ? 2 : 1);
  for (const double redshift : chosen)
    if (std::find(simulated.begin(), simulated.end(), redshift) == simulated.end())
      fail("dataset.redshifts: {} is not among simulations.redshifts", redshift);
}

}  // namespace

namespace {

/// All steps that work on what the study has.
std::vector<std::string> default_stages(const StudySettings& s, const StageTable& stages) {
  std::vector<std::string> names;
  for (const Stage& stage : stages)
    if (find_stage(standard_stages(), stage.name) != nullptr && stage.is_step &&
        (!s.data.is_given() || stage.takes_data) && (stage.is_wanted == nullptr || stage.is_wanted(s)))
      names.push_back(stage.name);
  return names;
}

}  // namespace

void complete_and_check(StudySettings& s, const std::filesystem::path& study_file, const std::string& asked_stage,
                        const StudyTables& tables) {
  const StageTable& stages = tables.stages;
  if (s.name.empty()) s.name = study_file.stem().string();
  if (s.output_directory.empty()) s.output_directory = std::filesystem::path("runs") / s.name;
  s.simulations.root = resolve(s.simulations.root, study_file);
  s.network.file = resolve(s.network.file, study_file);
  s.dataset.packed = resolve(s.dataset.packed, study_file);
  s.cosmology.transfer = resolve(s.cosmology.transfer, study_file);
  s.measure.bispectrum.file = resolve(s.measure.bispectrum.file, study_file);

  if (s.stages.empty()) s.stages = default_stages(s, stages);
  if (std::set<std::string>(s.stages.begin(), s.stages.end()).size() != s.stages.size())
    fail("{}: stages lists a stage twice", study_file.string());
  if (s.data.is_given()) return complete_data(s, study_file, asked_stage, stages, needs_of(s, asked_stage, stages));
  if (!s.task.kind.empty())
    fail("{}: task.kind is {}, but the study has no section data that says of what", study_file.string(), s.task.kind);
  if (s.training.loss.name == "auto") s.training.loss.name = "binary_cross_entropy";
  if (s.simulations.root.empty())
    fail("{}: simulations.root is missing (or data.kind, where the study learns from other data)", study_file.string());
  if (s.simulations.seeds.empty()) fail("{}: simulations.seeds is missing or empty", study_file.string());
  if (s.simulations.redshifts.empty()) fail("{}: simulations.redshifts is missing or empty", study_file.string());
  if (s.simulations.gravities.empty()) fail("{}: simulations.gravities is empty", study_file.string());
  // Every seed is looked up at each of them; no run has more snapshots.
  constexpr std::size_t most_redshifts = 1000;
  if (s.simulations.redshifts.size() > most_redshifts)
    fail("{}: simulations.redshifts lists {} redshifts, expected at most {}", study_file.string(),
         s.simulations.redshifts.size(), most_redshifts);
  auto sorted = s.simulations.gravities;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    fail("{}: simulations.gravities lists {} twice", study_file.string(), sorted.front());
  // Results list gr before newton, whatever the order in the study.
  s.simulations.gravities = sorted;

  try {
    (void)FieldName::parse(s.simulations.field);
  } catch (const Error& problem) {
    fail("{}: simulations.field: {}", study_file.string(), problem.what());
  }

  check_measure_settings(s.measure);

  const Needs needs = needs_of(s, asked_stage, stages);
  // Also where nothing is learnt now: what was learnt before is compared with the settings.
  if (needs >= Needs::samples || (!s.network.file.empty() && s.simulations.redshifts.size() > 1)) complete_redshifts(s);
  if (needs < Needs::samples) return;
  if (!s.dataset.null_test && s.simulations.gravities.size() < 2)
    fail("simulations.gravities lists {} alone: training needs both gr and newton", s.simulations.gravities.front());
  check_split(s.split, s.simulations.seeds);
  check_samples(s.dataset);
  if (needs < Needs::network) return;
  check_training_settings(s.training, s.dataset.matched ? 2 : 1);
  if (asked_stage == "search") check_search_settings(s.search, s.training.epochs);
  if (has_stage(s, asked_stage, "evaluate") && s.training.loss.name != "binary_cross_entropy")
    fail("training.loss.name is {}, but evaluate scores the logits of binary_cross_entropy: take it out of stages",
         s.training.loss.name);
  if (s.network.file.empty()) fail("{}: network.file is missing; see config/networks", study_file.string());
}

void drop_seeds(StudySettings& settings, const SeedList& dropped) {
  const std::set<std::uint64_t> unwanted(dropped.begin(), dropped.end());
  const auto drop = [&](SeedList& seeds, const std::string& part) {
    std::erase_if(seeds, [&](std::uint64_t seed) { return unwanted.contains(seed); });
    if (seeds.empty()) fail("simulations.on_bad_cube: no seed is left in {} after the bad pairs were dropped", part);
  };
  if (dropped.empty()) return;
  drop(settings.simulations.seeds, "simulations.seeds");
  if (!settings.split.train.empty()) drop(settings.split.train, "dataset.split.train");
  if (!settings.split.validation.empty()) drop(settings.split.validation, "dataset.split.validation");
  if (!settings.split.test.empty()) drop(settings.split.test, "dataset.split.test");
}

}  // namespace phiscope
