#include "data_setting_rows.hpp"

#include <algorithm>
#include <cstdint>

#include "phiscope/base/choices.hpp"
#include "phiscope/base/error.hpp"
#include "setting_ranges.hpp"

namespace phiscope {
namespace {

/// The names of a table, and for none of them `of_none`.
template <class Row>
std::vector<std::pair<std::string, std::string>> names_of(const std::vector<Row>& table, const std::string& of_none) {
  std::vector<std::pair<std::string, std::string>> choices{{of_none, ""}};
  for (const Row& row : table) choices.emplace_back(row.name, row.name);
  return choices;
}

/// Left out of fingerprints of studies that work on simulations.
constexpr Affects learnt = Affects::normalisation | Affects::where_set;

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

}  // namespace

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
        const auto scaling = choice_named(scaling_names(), text);
        if (!scaling) fail("found '{}', expected standard, min_max, symmetric, log or none", text);
        d.column_scaling[name] = *scaling;
      },
      [&d] { d.column_scaling.clear(); },
      [&d] {
        std::vector<std::string> entries;
        for (const auto& [name, scaling] : d.column_scaling)
          entries.push_back(fmt::format("{}: {}", name, word_of(scaling_names(), scaling)));
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

void add_fractions(SettingsTable& t, SplitFractions& s) {
  t.add("dataset.split.fractions", learnt, s.fractions, {0.0, 1.0}, "",
        "of data: parts for training, validation and test, drawn by group; default: 0.8, 0.1, 0.1 where no part is "
        "listed");
  t.add("dataset.split.seed", learnt, s.seed, "of the draw by fractions");
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

}  // namespace phiscope
