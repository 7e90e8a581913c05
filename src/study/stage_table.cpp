#include "phiscope/study/stage_table.hpp"

#include "phiscope/base/choices.hpp"
#include "phiscope/study/learning_setup.hpp"
#include "phiscope/study/stages.hpp"

namespace phiscope {

const StageTable& standard_stages() {
  static const StageTable stages{
      {.name = "simulate",
       .summary = "make the simulations or tables of a study: see the section simulate",
       .results = {"simulated.txt"},
       .needs = Needs::results,
       .makes_data = true,
       .takes_data = true,
       .is_wanted = [](const StudySettings& settings) { return !settings.simulate.engine.empty(); },
       .run = simulate},
      {.name = "measure",
       .summary = "power spectra of every cube: statistics.h5",
       .results = {"statistics.h5"},
       .measures_cubes = true,
       .check = check_measurable,
       .check_kept = check_measured,
       .is_done = is_measured,
       .run = measure},
      {.name = "train",
       .summary = "train the network: checkpoints, metrics.jsonl, model.safetensors",
       .results = {"model.safetensors", "metrics.jsonl"},
       .needs = Needs::network,
       .takes_data = true,
       .check = check_learning,
       .check_kept = check_trained,
       .check_resume = check_checkpoint,
       .is_done = is_trained,
       .run = train},
      {.name = "evaluate",
       .summary = "score validation and test seeds: evaluation.h5, evaluation.json",
       .results = {"evaluation.json", "evaluation.h5"},
       .needs = Needs::network,
       .takes_data = true,
       .check = check_learning,
       .check_kept = check_evaluated,
       .is_done = is_evaluated,
       .run = evaluate},
      {.name = "explain",
       .summary = "saliency of test pairs: explanation.h5",
       .results = {"explanation.h5"},
       .needs = Needs::network,
       .takes_data = true,
       .check = check_learning,
       .check_kept = check_explained,
       .is_done = is_explained,
       .run = explain},
      {.name = "repeat",
       .summary = "train and score again: cross-validation, other seeds, fewer groups: repeats.json",
       .results = {"repeats.json"},
       .needs = Needs::network,
       .takes_data = true,
       .is_wanted =
           [](const StudySettings& settings) {
             const auto& repeat = settings.repeat;
             return repeat.folds > 0 || repeat.seeds > 0 || !repeat.train_groups.empty();
           },
       .check = check_learning,
       .run = repeat},
      {.name = "report",
       .summary = "figures and report.html",
       .results = {"report.html"},
       .needs = Needs::results,
       .takes_data = true,
       .run = report},
      {.name = "search",
       .summary = "try values of settings, chosen on the validation seeds: search/search.csv, search/best.yaml",
       .results = {"search.csv", "best.yaml"},
       .needs = Needs::network,
       .is_step = false,
       .folder = "search",
       .leaves_out_test = true,
       .takes_data = true,
       .ranks_per_team = "search.ranks_per_trial",
       .check = check_learning,
       .run = search},
      {.name = "pack",
       .summary = "write the transformed cubes of a study into a file for training",
       .results = {"packed.h5"},
       .needs = Needs::samples,
       .is_step = false}};
  return stages;
}

const Stage* find_stage(const StageTable& stages, const std::string& name) {
  return find_row(stages, name);
}

std::vector<std::string> step_names(const StageTable& stages) {
  std::vector<std::string> names;
  for (const Stage& stage : stages)
    if (stage.is_step) names.push_back(stage.name);
  return names;
}

}  // namespace phiscope
