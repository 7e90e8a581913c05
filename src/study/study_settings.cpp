#include "phiscope/study/study_settings.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <numbers>
#include <set>
#include <string>

#include "phiscope/base/error.hpp"
#include "phiscope/catalogue/run_files.hpp"

namespace phiscope {

namespace {

constexpr Range not_negative{0.0};
constexpr Range positive{.minimum = 0.0, .above_minimum = true};
constexpr Range below_one{.minimum = 0.0, .maximum = 1.0, .below_maximum = true};
constexpr Range at_least_one{1.0};
/// Of what is counted in a training: so many that products of two are still exact.
constexpr Range counted{1.0, 1e9};

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

/// Names that are kept as text.
std::vector<std::pair<std::string, std::string>> words(const std::vector<std::string>& names) {
  std::vector<std::pair<std::string, std::string>> choices;
  for (const auto& name : names) choices.emplace_back(name, name);
  return choices;
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

/// The names of a table, and for none of them `of_none`.
template <class Row>
std::vector<std::pair<std::string, std::string>> names_of(const std::vector<Row>& table, const std::string& of_none) {
  std::vector<std::pair<std::string, std::string>> choices{{of_none, ""}};
  for (const Row& row : table) choices.emplace_back(row.name, row.name);
  return choices;
}

/// Left out of fingerprints of studies that work on simulations.
constexpr Affects learnt = Affects::normalisation | Affects::where_set;

void add_data(SettingsTable& t, DataSettings& d, const DataKindTable& kinds) {
  t.add_choice("data.kind", learnt, d.kind, names_of(kinds, "simulations"),
               "what the study learns from: the section simulations, or what the rest of this section says");
  t.add("data.root", learnt | Affects::by_content, d.root, "folder that inputs and targets lie in");
  t.add_texts("data.inputs", learnt, d.inputs,
              "files of maps or cubes, each of them channels: stacks (items first), or patterns with {seed} or "
              "{seed:04}, {class}, {redshift}");
  t.add_alias("data.pattern", "data.inputs");
  t.add_texts("data.targets", learnt, d.targets, "of fields: the files of what the network is to give");
  t.add("data.dataset", learnt, d.dataset, "of HDF5 files: which dataset; empty: data, or the only one");
  t.add("data.table", learnt | Affects::by_content, d.table, "of table: a text file (CSV), .npy or HDF5");
  t.add_texts("data.columns", learnt, d.columns, "of table: the columns that the network sees");
  t.add("data.group", learnt, d.group, "of table: the column whose equal values stay in one part of the split");
  t.add("data.parameters", learnt | Affects::by_content, d.parameters,
        "of maps and cubes: the table of the numbers that belong to each simulation");
  t.add_texts("data.parameter_names", learnt, d.parameter_names,
              "its columns, where it does not name them itself; else column_1, column_2, …");
  t.add("data.parameters_key", learnt, d.parameters_key,
        "its column that names the simulation; empty: row i is of simulation i");
  t.add("data.per_simulation", learnt, d.per_simulation, counted,
        "of stacks: how many maps or cubes in a row are of one simulation, and stay in one part of the split");
  t.add("data.seeds", learnt, d.seeds, "what {seed} in patterns stands for: the simulations of the study");
  t.add_texts("data.classes", learnt, d.classes,
              "what {class} stands for; of table: the words of the classes, in order");
  t.add("data.redshifts", learnt, d.redshifts, {-0.5}, "", "what {redshift} stands for: channels");
  t.add("data.vectors", learnt, d.vectors,
        "whether the channels are the components of vectors, three after three, which turn with their cube");
  t.add_choice("data.transform", learnt, d.transform.kind, cell_transform_names(),
               "of each value of maps and cubes, of inputs and of targets");
  t.add("data.asinh_scale", learnt, d.transform.scale, positive, "", "of asinh: asinh(x/scale)");
  t.add_choice("data.scaling", learnt, d.scaling, scaling_names(),
               "of each channel or column by the training set: mean 0 and deviation 1, to 0…1, to −1…1, log10 and then "
               "standard, or as it is");
  t.add_map(
      "data.column_scaling", learnt, "map of columns and scalings",
      [&d](const std::string& name, const std::string& text) {
        const auto& names = scaling_names();
        const auto found =
            std::find_if(names.begin(), names.end(), [&](const auto& known) { return known.first == text; });
        if (found == names.end()) fail("found '{}', expected standard, min_max, symmetric, log or none", text);
        d.column_scaling[name] = found->second;
      },
      [&d] { d.column_scaling.clear(); },
      [&d] {
        std::vector<std::string> entries;
        for (const auto& [name, scaling] : d.column_scaling)
          for (const auto& [word, value] : scaling_names())
            if (value == scaling) entries.push_back(fmt::format("{}: {}", name, word));
        return fmt::format("{{{}}}", fmt::join(entries, ", "));
      },
      "of table: columns that are scaled in another way");
}

void add_task(SettingsTable& t, TaskSettings& task, const TaskTable& tasks) {
  t.add_choice("task.kind", learnt, task.kind, names_of(tasks, "gravity"),
               "what is asked: which gravity (of simulations), or of other data one of the rest");
  t.add_texts("task.targets", learnt, task.targets,
              "columns: of regression numbers (default: all of data.parameters), of a table's classification words");
  t.add_choice("task.density", learnt, task.density, words({"point", "gaussian", "mixture", "moments"}),
               "of regression: numbers alone, or with errors: a Gaussian, a mixture of them, mean and deviation");
  t.add("task.components", learnt, task.components, {1.0, 1000.0}, "of mixture: Gaussians for each target");
  t.add_choice("task.scaling", learnt, task.scaling, scaling_names(), "of the targets by the training set");
}

/// "[0.1, 0.5]", or "[0.1, 0.5, 10]" of a grid.
ParameterRange parse_parameter_range(const std::string& text) {
  std::vector<double> numbers;
  SettingsTable one;
  one.add("range", Affects::nothing, numbers, {}, "", "");
  one.find("range")->read(text);
  if (numbers.size() != 2 && numbers.size() != 3)
    fail("found '{}', expected the lowest and the highest value, and of a grid how many", text);
  ParameterRange range{.lowest = numbers[0], .highest = numbers[1]};
  if (numbers.size() == 3) {
    range.count = static_cast<std::int64_t>(numbers[2]);
    if (static_cast<double>(range.count) != numbers[2] || range.count < 2 || range.count > 1'000'000)
      fail("found {} values of a grid, expected a whole number from 2 to 1000000", numbers[2]);
  }
  return range;
}

void add_simulate(SettingsTable& t, SimulateSettings& s, const EngineTable& engines) {
  const Affects makes = Affects::catalogue;
  t.add_choice("simulate.engine", makes, s.engine, names_of(engines, "none"),
               "what makes the study's simulations, where the sections simulations or data say that they lie");
  t.add("simulate.grid_size", makes, s.grid_size, {4.0, 4096.0}, "cells per side");
  t.add("simulate.box_size", makes, s.box_size, positive, "Mpc/h", "side of the box");
  t.add("simulate.seed", makes, s.seed, "of parameters, and of phases where the study has no seeds");
  t.add("simulate.simulations", makes, s.simulations, {1.0, 1e7}, "how many, of maps, cubes and fields in stacks");
  t.add_map(
      "simulate.parameters", makes, "map of names and ranges, [lowest, highest] or of a grid [lowest, highest, count]",
      [&s](const std::string& name, const std::string& text) { s.parameters[name] = parse_parameter_range(text); },
      [&s] { s.parameters.clear(); },
      [&s] {
        std::vector<std::string> entries;
        for (const auto& [name, range] : s.parameters)
          entries.push_back(range.count == 0
                                ? fmt::format("{}: [{}, {}]", name, range.lowest, range.highest)
                                : fmt::format("{}: [{}, {}, {}]", name, range.lowest, range.highest, range.count));
        return fmt::format("{{{}}}", fmt::join(entries, ", "));
      },
      "what varies from one to the other: mock knows Omega_m, sigma_8, n_s, h, omega_b of a linear spectrum, amplitude "
      "and tilt of a power law; others have no effect");
  t.add_choice("simulate.sampling", makes, s.sampling, sampling_names(), "how parameters are chosen in their ranges");
  t.add_choice("simulate.spectrum", makes, s.spectrum, mock_spectrum_names(), "of mock maps and cubes");
  t.add("simulate.lognormal", makes, s.lognormal, "of mock maps and cubes: exp(δ − σ²/2), which is above 0");
  t.add(
      "simulate.band", makes, s.band, not_negative, "h/Mpc",
      "of mock pairs: lowest and highest k where gr differs from newton; empty: everywhere, as gevolution's pairs do");
  t.add("simulate.band_ratio", makes, s.band_ratio, positive, "",
        "P_gr/P_newton in the band; of other classes: the ratio that they reach at small scales");
  t.add("simulate.quadratic", makes, s.quadratic, {}, "", "of mock fields: f of the target δ + f (δ² − 1)");
  t.add("simulate.omega_radiation", makes, s.omega_radiation, {.minimum = 0.0, .maximum = 1.0, .below_maximum = true},
        "", "of friedmann: Ω_r today");
}

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
  t.add("dataset.split.fractions", learnt, s.split_fractions.fractions, {0.0, 1.0}, "",
        "of data: parts for training, validation and test, drawn by group; default: 0.8, 0.1, 0.1 where no part is "
        "listed");
  t.add("dataset.split.seed", learnt, s.split_fractions.seed, "of the draw by fractions");
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

/// The path from the working directory where it exists, else from the study file's folder or the nearest one above
/// it that has it. Absolute when found, so that the study.yaml of a run works from any folder.
std::filesystem::path resolve(const std::filesystem::path& path, const std::filesystem::path& study_file) {
  if (path.empty() || path.is_absolute()) return path;
  if (std::filesystem::exists(path)) return std::filesystem::weakly_canonical(path);
  auto folder = std::filesystem::absolute(study_file).parent_path();
  for (; folder != folder.root_path(); folder = folder.parent_path())
    if (std::filesystem::exists(folder / path)) return std::filesystem::weakly_canonical(folder / path);
  return path;
}

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
        (!s.data.is_given() || stage.takes_data) && (!stage.makes_data || !s.simulate.engine.empty()) &&
        (stage.name != "repeat" || s.repeat.folds > 0 || s.repeat.seeds > 0 || !s.repeat.train_groups.empty()))
      names.push_back(stage.name);
  return names;
}

/// Every list and place in which the study says of what its simulations are.
void check_no_simulations(const StudySettings& s, const std::filesystem::path& study_file) {
  if (!s.simulations.root.empty() || !s.simulations.seeds.empty() || !s.simulations.redshifts.empty())
    fail("{}: it has a section simulations and data.kind {}: expected one of the two", study_file.string(),
         s.data.kind);
}

/// The files of the section data, looked up as those of simulations are.
void resolve_data(DataSettings& d, const std::filesystem::path& study_file) {
  d.root = resolve(d.root, study_file);
  d.table = resolve(d.table, study_file);
  d.parameters = resolve(d.parameters, study_file);
  if (!d.root.empty()) return;
  for (auto* names : {&d.inputs, &d.targets})
    for (auto& name : *names)
      if (name.find('{') == std::string::npos) name = resolve(name, study_file).string();
}

/// What a sample is of each kind of data. Throws Error where the study says that it is something else.
void complete_sample(StudySettings& s) {
  auto& sample = s.dataset.sample;
  if (s.data.kind == "table") sample = SampleKind::row;
  if (s.data.kind == "maps") sample = SampleKind::map;
  if (s.data.kind == "spectra") sample = SampleKind::spectra;
  const bool cubes = s.data.kind == "cubes" || s.data.kind == "pairs" || s.data.kind == "fields";
  if (cubes && sample != SampleKind::slice && sample != SampleKind::cube && sample != SampleKind::subcube)
    fail("dataset.sample is not one of slice, cube and subcube, which data.kind {} has", s.data.kind);
}

void complete_fractions(StudySettings& s) {
  auto& fractions = s.split_fractions.fractions;
  const bool lists = !s.split.train.empty() || !s.split.validation.empty() || !s.split.test.empty();
  if (fractions.empty() && !lists) fractions = {0.8, 0.1, 0.1};
  if (fractions.empty()) return;
  if (lists) fail("dataset.split has fractions and lists of groups: expected one of the two");
  if (fractions.size() != 3)
    fail("dataset.split.fractions lists {} numbers, expected three: training, validation, test", fractions.size());
  constexpr double rounding = 1e-9;
  if (const double sum = fractions[0] + fractions[1] + fractions[2]; sum > 1.0 + rounding)
    fail("dataset.split.fractions are {}, which add up to {}, expected 1 at most", fmt::join(fractions, ", "), sum);
}

/// The rest of complete_and_check() for a study with a section data.
void complete_data(StudySettings& s, const std::filesystem::path& study_file, const std::string& asked_stage,
                   const StageTable& stages) {
  check_no_simulations(s, study_file);
  std::vector<std::string> asked{asked_stage};
  if (asked_stage == "run") asked = s.stages;
  for (const auto& name : asked)
    if (const Stage* stage = find_stage(stages, name); stage != nullptr && !stage->takes_data)
      fail("{}: '{}' works on simulations, and the study has data.kind {}", study_file.string(), name, s.data.kind);
  if (s.task.kind.empty()) fail("{}: task.kind is missing: data.kind {} needs it", study_file.string(), s.data.kind);
  resolve_data(s.data, study_file);
  complete_sample(s);
  complete_fractions(s);
  if (s.dataset.null_test) fail("dataset.null_test is true, which works on pairs of simulations alone");
  if (!s.dataset.packed.empty())
    fail("dataset.packed is {}, which takes the place of simulations alone", s.dataset.packed.string());
  if (s.data.kind != "pairs") s.dataset.matched = false;
  if (needs_of(s, asked_stage, stages) < Needs::network) return;
  const bool matched = s.data.kind == "pairs" && s.dataset.matched;
  check_training_settings(s.training, matched ? static_cast<std::int64_t>(s.data.classes.size()) : 1);
  if (asked_stage == "search") check_search_settings(s.search, s.training.epochs);
  if (s.network.file.empty()) fail("{}: network.file is missing; see config/networks", study_file.string());
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
  if (s.data.is_given()) return complete_data(s, study_file, asked_stage, stages);
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
