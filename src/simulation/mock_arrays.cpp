#include <algorithm>
#include <cmath>
#include <numbers>

#include "gr_ratio.hpp"
#include "made_with.hpp"
#include "mock_cube.hpp"
#include "mock_engine.hpp"
#include "mock_power.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/data/file_pattern.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/simulation/gaussian_field.hpp"
#include "stack_file.hpp"

namespace phiscope {
namespace {

std::vector<float> as_floats(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

std::vector<std::uint64_t> stack_shape(std::uint64_t entries, int axes, std::int64_t n) {
  std::vector<std::uint64_t> shape(static_cast<std::size_t>(axes) + 1, static_cast<std::uint64_t>(n));
  shape[0] = entries;
  return shape;
}

/// The one stack that is to be written. Throws AgreedError.
std::filesystem::path only_stack(const DataSettings& data, const std::vector<std::string>& names, const char* setting) {
  const std::string name = names.size() == 1 ? names.front() : std::string();
  if (name.empty() || name.find('{') != std::string::npos || !name.ends_with(".npy"))
    throw AgreedError(fmt::format("simulate: {} lists {}, expected one stack to write, NAME.npy", setting,
                                  names.empty() ? "nothing" : fmt::format("{}", fmt::join(names, ", "))));
  return data.root / name;
}

/// σ² of a field of such modes.
double variance_of(const PowerOfMode& power, int axes, std::int64_t n, double volume) {
  double variance = 0;
  GaussianModes::for_each_degree(axes, n, [&](std::int64_t squared) { variance += power(squared) / volume; });
  return variance;
}

/// The table of the parameters, with the bounds that are known, a row for each simulation.
std::string parameter_text(const SimulationRequest& request, const ParameterDraws& draws, int axes) {
  std::vector<std::string> names = draws.names;
  for (const auto& name : draws.names)
    if (!smallest_errors(request.simulate, draws, 0, axes, name).empty()) names.push_back(name + "_bound");
  std::string text = fmt::format(
      "# of mock fields of phiscope simulate; …_bound: smallest standard deviation that an unbiased estimate from one "
      "of them can have\n# {}\n",
      fmt::join(names, " "));
  for (std::size_t row = 0; row < draws.rows(); ++row) {
    std::vector<double> values;
    for (const auto& name : draws.names) values.push_back(draws.value(row, name, 0));
    for (const auto& name : draws.names)
      for (const double bound : smallest_errors(request.simulate, draws, row, axes, name)) values.push_back(bound);
    text += fmt::format("{:.9g}\n", fmt::join(values, " "));
  }
  return text;
}

/// Maps (`axes` 2) or cubes (3) with a table of parameters.
void make_stack(const Communicator& ranks, const SimulationRequest& request, int axes) {
  const auto& s = request.simulate;
  const auto file = only_stack(request.data, request.data.inputs, "data.inputs");
  if (request.data.parameters.empty()) throw AgreedError("simulate: data.parameters is missing: where the table goes");
  ParameterDraws draws;
  together(ranks, [&] {
    draws = draw_parameters(s);
    if (draws.names.empty())
      fail("simulate.parameters is empty: it says which parameters vary, and between what values");
  });
  claim_folder(ranks, file.parent_path(), settings_text(request));
  together(ranks, [&] {
    if (ranks.is_root() && !std::filesystem::exists(request.data.parameters)) {
      if (request.data.parameters.has_parent_path())
        std::filesystem::create_directories(request.data.parameters.parent_path());
      write_file_atomically(request.data.parameters, parameter_text(request, draws, axes));
    }
  });
  if (is_there(ranks, file)) return log::info("simulate: made before ({})", file.string());
  const auto per_simulation = static_cast<std::uint64_t>(request.data.per_simulation);
  const std::uint64_t entries = draws.rows() * per_simulation;
  const double volume = std::pow(s.box_size, axes);
  StackFile stack(ranks, file, stack_shape(entries, axes, s.grid_size));
  share_out(
      ranks, draws.rows(),
      [&](std::size_t simulation) {
        const PowerOfMode power = mock_power(s, draws, simulation, axes);
        const double variance = s.lognormal ? variance_of(power, axes, s.grid_size, volume) : 0.0;
        for (std::uint64_t i = 0; i < per_simulation; ++i) {
          const std::uint64_t entry = simulation * per_simulation + i;
          auto field = GaussianModes(axes, s.grid_size, s.seed, entry).field(power, volume);
          if (s.lognormal)
            for (double& value : field) value = std::exp(value - 0.5 * variance);
          stack.write(entry, as_floats(field));
        }
      },
      "begins this file again");
  stack.commit();
  log::info("simulate: {} mock {} of {} simulations in {}", entries, axes == 2 ? "maps" : "cubes", draws.rows(),
            file.string());
}

/// Fields with their local quadratic transforms.
void make_fields(const Communicator& ranks, const SimulationRequest& request) {
  const auto& s = request.simulate;
  const auto input = only_stack(request.data, request.data.inputs, "data.inputs"),
             target = only_stack(request.data, request.data.targets, "data.targets");
  claim_folder(ranks, input.parent_path(), settings_text(request));
  if (is_there(ranks, input) && is_there(ranks, target))
    return log::info("simulate: made before ({}, {})", input.string(), target.string());
  // Falls as k^-2, as smooth fields do; of variance 1.
  const double volume = std::pow(s.box_size, 3);
  const auto falling = [](std::int64_t squared) { return 1.0 / static_cast<double>(squared); };
  const double variance = variance_of(falling, 3, s.grid_size, volume);
  const auto power = [&](std::int64_t squared) { return falling(squared) / variance; };
  const auto entries = static_cast<std::uint64_t>(s.simulations);
  StackFile inputs(ranks, input, stack_shape(entries, 3, s.grid_size)),
      targets(ranks, target, stack_shape(entries, 3, s.grid_size));
  share_out(
      ranks, entries,
      [&](std::size_t entry) {
        auto field = GaussianModes(3, s.grid_size, s.seed, entry).field(power, volume);
        inputs.write(entry, as_floats(field));
        for (double& value : field) value += s.quadratic * (value * value - 1.0);
        targets.write(entry, as_floats(field));
      },
      "begins this file again");
  inputs.commit();
  targets.commit();
  log::info("simulate: {} mock fields and their local quadratic transforms in {}", entries,
            input.parent_path().string());
}

/// P of Φ of a class: newton (or the first one) as linear theory, gr as gevolution's, any other with power that rises
/// towards small scales by up to simulate.band_ratio.
double class_ratio(const SimulationRequest& request, std::size_t place, double k, double redshift) {
  const auto& name = request.data.classes[place];
  if (name == "gr") return gr_ratio(k, redshift);
  if (name == "newton" || place == 0) return 1.0;
  const double nyquist = std::numbers::pi * static_cast<double>(request.simulate.grid_size) / request.simulate.box_size;
  return 1.0 + (request.simulate.band_ratio - 1.0) * k / nyquist;
}

/// Cubes of classes, of the same phases for each seed.
void make_classes(const Communicator& ranks, const SimulationRequest& request) {
  const auto& s = request.simulate;
  if (request.data.inputs.size() != 1 || request.data.classes.size() < 2 || request.data.seeds.empty())
    throw AgreedError("simulate: mock classes need one pattern in data.inputs, data.classes and data.seeds");
  if (request.data.root.empty()) throw AgreedError("simulate: data.root is missing: where the classes go");
  claim_folder(ranks, request.data.root, settings_text(request));
  const auto linear = mock_universe(ranks);
  const double fundamental = 2.0 * std::numbers::pi / s.box_size;
  std::vector<double> redshifts = request.data.redshifts;
  if (!has_place(request.data.inputs.front(), "redshift")) redshifts = {1.0};
  share_out(
      ranks, request.data.seeds.size(),
      [&](std::size_t place) {
        const auto seed = request.data.seeds[place];
        const GaussianModes modes(3, s.grid_size, seed);
        for (std::size_t c = 0; c < request.data.classes.size(); ++c) {
          const auto files = files_of_item(request.data.root, request.data.inputs, request.data.redshifts,
                                           fmt::format("{}", seed), request.data.classes[c]);
          for (std::size_t i = 0; i < files.size(); ++i) {
            if (std::filesystem::exists(files[i])) continue;
            const auto power = [&](std::int64_t squared) {
              const double k = fundamental * std::sqrt(static_cast<double>(squared));
              return linear->potential(k, redshifts[i]) * class_ratio(request, c, k, redshifts[i]);
            };
            std::filesystem::create_directories(files[i].parent_path());
            write_mock_cube(files[i], modes.field(power, std::pow(s.box_size, 3)), s.grid_size);
          }
        }
      },
      "goes on from here");
  log::info("simulate: {} seeds of {} mock classes in {}", request.data.seeds.size(), request.data.classes.size(),
            request.data.root.string());
}

}  // namespace

void make_mock_arrays(const Communicator& ranks, const SimulationRequest& request) {
  if (request.data.kind == "maps") return make_stack(ranks, request, 2);
  if (request.data.kind == "cubes" || request.data.kind == "spectra") return make_stack(ranks, request, 3);
  if (request.data.kind == "fields") return make_fields(ranks, request);
  if (request.data.kind == "pairs") return make_classes(ranks, request);
  throw AgreedError(
      fmt::format("simulate.engine is mock, which makes no {}: expected data.kind maps, cubes, pairs or "
                  "fields, or a section simulations",
                  request.data.kind));
}

}  // namespace phiscope
