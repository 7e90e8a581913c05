// The commands that work on a study: `phiscope STAGE STUDY.yaml`.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "command_line.hpp"
#include "phiscope/study/study.hpp"

namespace phiscope::app {

bool is_study_command(const std::string& command) {
  return command == "run" || find_stage(standard_stages(), command) != nullptr;
}

void add_study_commands(CLI::App& app, Common& common, Action& action) {
  const auto request = std::make_shared<StudyRequest>();
  std::vector<std::pair<std::string, std::string>> commands{
      {"run", "do all stages that the study names, in order, and skip what is done"}};
  for (const Stage& stage : standard_stages())
    if (stage.run != nullptr) commands.emplace_back(stage.name, stage.summary);
  for (const auto& [name, summary] : commands) {
    CLI::App* command = app.add_subcommand(name, summary);
    command->add_option("study", request->file, "the study's YAML file")->required();
    command->add_option("--output", request->output, "the run directory (default: runs/NAME)");
    command
        ->add_option("--set", request->overrides,
                     "override a setting: path.to.key=value (`phiscope settings` lists them)")
        ->allow_extra_args(false)
        ->take_all();
    add_common(*command, common);
    command->callback([&common, &action, request, name = name] {
      action = [&common, request, name](const Communicator& world) {
        request->stage = name;
        request->quiet = common.quiet;
        Study(world, *request).run();
      };
    });
  }
}

}  // namespace phiscope::app
