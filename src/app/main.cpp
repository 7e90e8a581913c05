// The command line of Phiscope: parses, calls, and turns errors into exit codes.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/print.hpp"
#include "phiscope/base/provenance.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/io/atomic_file.hpp"
#include "phiscope/io/inspect.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/neural/network_description.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/parallel/communicator.hpp"
#include "phiscope/parallel/mpi_session.hpp"
#include "phiscope/study/power_table.hpp"
#include "phiscope/study/study.hpp"

namespace {

using phiscope::Communicator;

enum ExitCode { done = 0, bad_input = 1, wrong_usage = 2, stopped = 85 };

struct Common {
  bool quiet = false;
  std::string log_level = "info";
};

void add_common(CLI::App& command, Common& common) {
  command.add_flag("--quiet", common.quiet, "warnings and errors only, no progress bar");
  command.add_option("--log-level", common.log_level, "debug, info, warning or error")->capture_default_str();
}

void configure_log(const Communicator& world, const Common& common) {
  const auto level = common.quiet ? phiscope::log::Level::warning : phiscope::log::parse_level(common.log_level);
  phiscope::log::configure(level, world.is_root());
}

/// The commands that work on a study: `phiscope STAGE STUDY.yaml`.
const std::array<std::pair<std::string, std::string>, 6> stages{
    {{"run", "do all stages that the study names, in order, and skip what is done"},
     {"measure", "power spectra of every cube: statistics.h5"},
     {"train", "train the network: checkpoints, metrics.jsonl, model.safetensors"},
     {"evaluate", "score validation and test seeds: evaluation.h5, evaluation.json"},
     {"explain", "saliency of test pairs: explanation.h5"},
     {"report", "figures and report.html"}}};

bool is_stage(const std::string& command) {
  return std::any_of(stages.begin(), stages.end(), [&](const auto& stage) { return stage.first == command; });
}

void add_stages(CLI::App& app, Common& common, std::function<void(const Communicator&)>& action) {
  static phiscope::StudyRequest request;
  for (const auto& [stage, description] : stages) {
    CLI::App* command = app.add_subcommand(stage, description);
    command->add_option("study", request.file, "the study's YAML file")->required();
    command->add_option("--output", request.output, "the run directory (default: runs/NAME)");
    command
        ->add_option("--set", request.overrides,
                     "override a setting: path.to.key=value (`phiscope settings` lists them)")
        ->allow_extra_args(false)
        ->take_all();
    add_common(*command, common);
    command->callback([&common, &action, stage = stage] {
      action = [&common, stage](const Communicator& world) {
        request.stage = stage;
        request.quiet = common.quiet;
        phiscope::Study(world, request).run();
      };
    });
  }
}

void add_power(CLI::App& app, Common& common, std::function<void(const Communicator&)>& action) {
  static phiscope::PowerRequest request;
  static std::string window = "none", convention = "default", precision = "double";
  static int axis = -1;
  CLI::App* command = app.add_subcommand("power", "power spectrum of cubes, as a table");
  command->add_option("cubes", request.cubes, "cube files: HDF5 or .npy")->required();
  command->add_option("--box", request.box_size, "side of the cube, Mpc/h")
      ->required()
      ->check([](const std::string& text) {
        double size = 0;
        const bool good = CLI::detail::lexical_cast(text, size) && std::isfinite(size) && size > 0;
        return good ? std::string() : "expected a length in Mpc/h, found " + text;
      });
  command->add_option("--window", window, "mass-assignment window to deconvolve: none, ngp, cic, tsc, pcs")
      ->capture_default_str();
  command->add_option("--convention", convention, "binning: default or pylians")->capture_default_str();
  command->add_option("--precision", precision, "of the transform")
      ->check(CLI::IsMember({"single", "double"}))
      ->capture_default_str();
  command->add_option("--multipoles", axis, "line of sight of P2 and P4: data axis 0, 1 or 2")->check(CLI::Range(0, 2));
  command->add_option("--dataset", request.dataset, "the cube's dataset in an HDF5 file")->capture_default_str();
  command->add_option("-o,--output", request.output, "FILE.csv or FILE.h5 (default: CSV to standard output)");
  add_common(*command, common);
  command->callback([&action] {
    action = [](const Communicator& world) {
      phiscope::together(world, [] {
        request.options.window = phiscope::parse_window(window);
        request.options.convention = phiscope::parse_power_convention(convention);
      });
      request.single_precision = precision == "single";
      if (axis >= 0) request.options.multipole_axis = axis;
      phiscope::write_power_table(world, request);
    };
  });
}

phiscope::neural::SampleShape parse_shape(const std::string& text) {
  std::vector<std::int64_t> sizes;
  for (const auto& part : CLI::detail::split(text, 'x')) {
    std::int64_t size = 0;
    if (!CLI::detail::lexical_cast(part, size) || size < 1)
      phiscope::fail("--input {}: expected CxHxW or CxHxWxD, such as 1x256x256", text);
    sizes.push_back(size);
  }
  phiscope::neural::SampleShape shape;
  shape.channels = sizes.front();
  shape.extents.assign(sizes.begin() + 1, sizes.end());
  return shape;
}

/// Commands that look at something and print it, on the root alone.
void add_printing(CLI::App& app, Common& common, std::function<void(const Communicator&)>& action) {
  static std::string path, input = "1x256x256";
  const auto print = [&action](std::function<std::string()> make) {
    action = [make = std::move(make)](const Communicator& world) {
      phiscope::together(world, [&] {
        if (world.is_root()) phiscope::print(make());
      });
    };
  };
  CLI::App* inspect =
      app.add_subcommand("inspect", "say what a cube, a seed directory, or one of our result files holds");
  inspect->add_option("path", path, "file or folder")->required();
  add_common(*inspect, common);
  inspect->callback([print] { print([] { return phiscope::describe(std::filesystem::path(path)); }); });

  CLI::App* network = app.add_subcommand("network", "print the layers of a network file");
  network->add_option("file", path, "the network's YAML file")->required();
  network->add_option("--input", input, "shape of a sample: CxHxW or CxHxWxD")->capture_default_str();
  add_common(*network, common);
  network->callback([print] {
    print([] {
      const auto description =
          phiscope::neural::NetworkDescription::parse(phiscope::read_text_file(path), path, {}, parse_shape(input));
      return phiscope::neural::Network(description, 1).summary() + "\n";
    });
  });

  CLI::App* settings = app.add_subcommand("settings", "list every setting of a study, as a Markdown table");
  add_common(*settings, common);
  settings->callback([print] {
    print([] {
      phiscope::StudySettings defaults;
      return phiscope::describe(defaults).to_markdown();
    });
  });
}

int run(const Communicator& world, int argc, char** argv) {
  CLI::App app{"Phiscope: spectra, networks and explanations of cosmological simulation cubes", "phiscope"};
  app.set_version_flag("--version", "phiscope " + phiscope::version());
  app.require_subcommand(1);
  Common common;
  std::function<void(const Communicator&)> action;
  add_stages(app, common, action);
  add_power(app, common, action);
  add_printing(app, common, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    const bool help = problem.get_exit_code() == 0;
    if (world.is_root()) app.exit(problem);
    return help ? done : wrong_usage;
  }
  try {
    // First as it is by default: a level that does not exist has to be reported too.
    phiscope::log::configure(phiscope::log::Level::info, world.is_root());
    phiscope::together(world, [&] { configure_log(world, common); });
    action(world);
    return done;
  } catch (const phiscope::StoppedOnRequest& stop) {
    phiscope::log::info("{}", stop.what());
    return stopped;
  } catch (const phiscope::AgreedError& problem) {
    phiscope::log::error("error: {}", problem.what());
    return bad_input;
  } catch (const std::exception& problem) {
    // Not agreed on: the other ranks know nothing of it and would wait for ever.
    std::fprintf(stderr, "phiscope: rank %d: %s\n", world.rank(), problem.what());
    std::fflush(stderr);
    if (world.size() > 1) MPI_Abort(world.handle(), bad_input);
    return bad_input;
  }
}

}  // namespace

int main(int argc, char** argv) {
  // Before MPI starts, which takes a while: a warning of the batch queue in that time must not end the program.
  if (argc > 1 && is_stage(argv[1])) phiscope::catch_stop_signals();
  const phiscope::MpiSession session(argc, argv);
  return run(Communicator::world(), argc, argv);
}
