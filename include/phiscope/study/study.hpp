#pragma once
#include <memory>
#include <string>
#include <vector>

#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/cosmology/cosmology.hpp"
#include "phiscope/parallel/communicator.hpp"
#include "phiscope/study/cube_register.hpp"
#include "phiscope/study/run_directory.hpp"
#include "phiscope/study/study_settings.hpp"
#include "phiscope/study/study_tables.hpp"

namespace phiscope {

/// How a study was asked for on the command line.
struct StudyRequest {
  std::string stage = "run";  ///< the name of a stage, or "run" for all that the study names
  std::filesystem::path file;
  std::vector<std::string> overrides = {};  ///< "path.to.key=value"
  std::filesystem::path output = {};        ///< empty: as the study says
  bool quiet = false;
  StudyTables tables = {};  ///< what there is to be named
};

/// What a study learns from where it has a section `data`.
struct StudyData {
  std::shared_ptr<const LabelledData> items;
  LabelledParts parts;
  std::string text;  ///< what its files are, for fingerprints
};

/// A study at work: its settings, its run directory, its catalogue. The stages use it; run() does them.
class Study {
 public:
  /// Collective. Reads and checks settings and simulations. Throws AgreedError before anything is computed when
  /// something is wrong with them, leaving earlier results as they are.
  Study(const Communicator& world, const StudyRequest& request);

  /// A study within another: the same simulations, opened already, with settings that with() gave. Touches no file.
  Study(const Study& outer, const Communicator& ranks, StudySettings settings);
  /// Makes and locks the run directory of a study within another, and writes the settings there. Collective.
  void begin();

  /// Does the stage asked for, or those that the study names; skips what is done. Collective.
  void run();

  const Communicator& world() const noexcept { return world_; }
  const StudySettings& settings() const noexcept { return settings_; }
  const RunDirectory& directory() const noexcept { return *directory_; }
  /// The study's own data; null where it works on simulations.
  const StudyData* data() const noexcept { return data_.get(); }
  const StudyTables& tables() const noexcept { return tables_; }
  /// The simulations; not opened, and not to be asked for, where there are none or the report is all there is to do.
  const Catalogue& catalogue() const noexcept { return *catalogue_; }
  const Background& background() const noexcept { return *background_; }
  /// The same where the linear growth of these simulations follows it, else null (see why_no_growth()).
  const Background* known_growth() const {
    return why_no_growth(catalogue_->settings()).empty() ? background_.get() : nullptr;
  }
  /// Which cubes the results in the run directory were made from.
  CubeRegister& cubes() const noexcept { return *cubes_; }
  /// Left out because of a bad cube (on_bad_cube: skip), with the reason.
  const std::vector<Catalogue::Problem>& dropped() const noexcept { return dropped_; }
  /// The settings as they were given, with some of them replaced ("path.to.key=value") and another run directory,
  /// completed and checked for training. Throws Error when they contradict each other.
  StudySettings with(const std::vector<std::string>& assignments, const std::filesystem::path& directory) const;
  /// Leaves the seeds with a bad cube, which were found when the study was opened, out of settings of with().
  void leave_out_bad_seeds(StudySettings& settings) const;
  bool show_progress() const noexcept { return show_progress_; }
  /// The text of the settings that affect these results and of what the simulations were run with.
  std::string fingerprint(Affects results) const;

 private:
  void read_settings(const StudyRequest& request);
  void complete(StudySettings& settings, const std::string& stage) const;
  /// Whether all that is to be done looks at the run directory alone.
  bool works_on_results() const;
  /// Whether something is to be made first, so that there is nothing to open yet.
  bool makes_data() const;
  /// The simulations that the stage works with: a search never opens those of the test seeds.
  SeedList seeds_to_open() const;
  /// Of one cube, or of one trial of a search.
  int ranks_per_team() const;
  int team_count() const;
  /// What the study works on.
  void open();
  void open_catalogue();
  void open_data();
  void drop_unreadable(std::vector<Catalogue::Problem>& problems);
  void check_cosmology() const;
  /// The cosmology, box and grid that the simulations were run with: part of every fingerprint.
  std::string simulation_text() const;
  void write_settings_and_provenance();
  void do_stage(const Stage& stage);

  Communicator world_;
  std::filesystem::path file_;
  StudySettings given_;  ///< as they were read, before complete()
  StudySettings settings_;
  StudyTables tables_;
  std::vector<const Stage*> asked_;  ///< of tables_.stages, what is to be done, in order
  SettingsTable table_;
  bool show_progress_;
  std::unique_ptr<RunDirectory> directory_;
  std::shared_ptr<const Catalogue> catalogue_;
  std::shared_ptr<const Background> background_;
  std::shared_ptr<const StudyData> data_;
  std::unique_ptr<CubeRegister> cubes_ = std::make_unique<CubeRegister>();
  std::vector<Catalogue::Problem> dropped_;
};

}  // namespace phiscope
