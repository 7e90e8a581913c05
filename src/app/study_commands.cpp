// The commands that work on a study: `phiscope STAGE STUDY.yaml`.
#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "command_line.hpp"
#include "phiscope/study/study.hpp"

namespace phiscope::app {
namespace {

const std::array<std::pair<std::string, std::string>, 7> stages{
    {{"run", "do all stages that the study names, in order, and skip what is done"},
     {"measure", "power spectra of every cube: statistics.h5"},
     {"train", "train the network: checkpoints, metrics.jsonl, model.safetensors"},
     {"evaluate", "score validation and test seeds: evaluation.h5, evaluation.json"},
     {"explain", "saliency of test pairs: explanation.h5"},
     {"report", "figures and report.html"},
     {"search", "try values of settings, chosen on the validation seeds: search/search.csv, search/best.yaml"}}};

}  // namespace

bool is_study_command(const std::string& command) {
  const auto is_it = [&](const auto& stage) { return stage.first == command; };
  return command == "pack" || std::any_of(stages.begin(), stages.end(), is_it);
}

void add_study_commands(CLI::App& app, Common& common, Action& action) {
  const auto request = std::make_shared<StudyRequest>();
  for (const auto& [stage, description] : stages) {
    CLI::App* command = app.add_subcommand(stage, description);
    command->add_option("study", request->file, "the study's YAML file")->required();
    command->add_option("--output", request->output, "the run directory (default: runs/NAME)");
    command
        ->add_option("--set", request->overrides,
                     "override a setting: path.to.key=value (`phiscope settings` lists them)")
        ->allow_extra_args(false)
        ->take_all();
    add_common(*command, common);
    command->callback([&common, &action, request, stage = stage] {
      action = [&common, request, stage](const Communicator& world) {
        request->stage = stage;
        request->quiet = common.quiet;
        Study(world, *request).run();
      };
    });
  }
}

}  // namespace phiscope::app
