// `phiscope pack STUDY`: the transformed cubes of a study in one place, for file systems that are slow with many.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "command_line.hpp"
#include "phiscope/study/pack_cubes.hpp"

namespace phiscope::app {
namespace {

struct PackOptions {
  StudyRequest request;
  std::string format = packed_values_names().front().first;
  std::filesystem::path file;
};

std::vector<std::string> names_of_formats() {
  std::vector<std::string> names;
  for (const auto& [name, values] : packed_values_names()) names.push_back(name);
  return names;
}

PackedValues format_named(const std::string& wanted) {
  for (const auto& [name, values] : packed_values_names())
    if (name == wanted) return values;
  fail("--format {}: there is no such format", wanted);
}

}  // namespace

void add_pack_command(CLI::App& app, Common& common, Action& action) {
  const auto options = std::make_shared<PackOptions>();
  options->request.stage = "pack";
  const Stage& stage = *find_stage(standard_stages(), options->request.stage);
  CLI::App* command = app.add_subcommand(stage.name, stage.summary);
  command->add_option("study", options->request.file, "the study's YAML file")->required();
  command->add_option("--format", options->format, "float32, or float16 (half the size, rounded to 5e-4)")
      ->check(CLI::IsMember(names_of_formats()))
      ->capture_default_str();
  command->add_option("-o,--file", options->file, "default: dataset.packed, else packed.h5 in the run directory");
  command->add_option("--output", options->request.output, "the run directory (default: runs/NAME)");
  command->add_option("--set", options->request.overrides, "override a setting: path.to.key=value")
      ->allow_extra_args(false)
      ->take_all();
  add_common(*command, common);
  command->callback([&common, &action, options] {
    action = [&common, options](const Communicator& world) {
      options->request.quiet = common.quiet;
      pack_cubes(Study(world, options->request), format_named(options->format), options->file);
    };
  });
}

}  // namespace phiscope::app
