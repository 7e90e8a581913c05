#pragma once
#include <string>
#include <vector>

namespace phiscope {

class Study;
struct StudySettings;

/// What a stage works with, and so what must be there and make sense before it begins; each needs all before it.
enum class Needs {
  results,      ///< what is in the run directory
  simulations,  ///< the catalogue
  samples,      ///< the settings under dataset
  network       ///< the settings under network and training
};

/// One step of a study, or a command that works on one. All functions are collective and throw AgreedError.
struct Stage {
  std::string name;
  std::string summary;  ///< a line of `phiscope --help`
  std::vector<std::string> results =
      {};  ///< files in the run directory; the first one is named where it was done before
  Needs needs = Needs::simulations;
  bool is_step = true;      ///< whether `stages` of a study may name it; else a command of its own
  std::string folder = {};  ///< where its results are kept apart from those of the study's steps; empty: they are not
  /// Whether it measures cubes again that have changed since; all other stages refuse them.
  bool measures_cubes = false;
  /// Whether it never opens the simulations of the test seeds.
  bool leaves_out_test = false;
  /// Whether it makes what the study works on, before that is opened.
  bool makes_data = false;
  /// Whether it works on data of any kind, and not on gevolution's runs alone.
  bool takes_data = false;

  /// Whether a study that lists no stages has this one, as far as it works on what the study has; null: it has.
  bool (*is_wanted)(const StudySettings&) = nullptr;

  /// The setting that says how many ranks work on one thing together.
  std::string ranks_per_team = "measure.ranks_per_cube";
  /// Throws when the settings have no meaning for these simulations; before anything is written.
  void (*check)(const Study&) = nullptr;
  /// Throws when anything that the stage has left in the run directory was made with other settings. Asked of every
  /// step of a study, whichever are done now.
  void (*check_kept)(const Study&) = nullptr;
  /// Throws when it could not go on from what it has left.
  void (*check_resume)(const Study&) = nullptr;
  /// Whether its results are there, whole, and of the present settings; null: it is done anew each time.
  bool (*is_done)(const Study&) = nullptr;
  /// Null: the command runs it, with options of its own.
  void (*run)(const Study&) = nullptr;
};

/// In the order in which `run` does them.
using StageTable = std::vector<Stage>;

/// The one description of all stages. The command line, `stages` of a study, resuming and the report read it.
const StageTable& standard_stages();

/// Null when there is none of this name.
const Stage* find_stage(const StageTable& stages, const std::string& name);

/// The names of those that a study may list.
std::vector<std::string> step_names(const StageTable& stages);

}  // namespace phiscope
