#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/cosmology/cosmology.hpp"
#include "phiscope/parallel/communicator.hpp"
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

/// What a study is: its settings, and the simulations or the data that it works on. Writes nothing.
class StudyPlan {
 public:
  /// Collective. Reads and checks settings, and opens what the study works on, where that is there already and is
  /// needed. Throws AgreedError when something is wrong with either.
  StudyPlan(const Communicator& world, const StudyRequest& request);
  virtual ~StudyPlan() = default;
  StudyPlan(const StudyPlan&) = delete;
  StudyPlan& operator=(const StudyPlan&) = delete;

  const Communicator& world() const noexcept { return world_; }
  const StudySettings& settings() const noexcept { return settings_; }
  const StudyTables& tables() const noexcept { return tables_; }
  /// The study's own data; null where it works on simulations.
  const StudyData* data() const noexcept { return data_.get(); }
  /// The simulations; not opened, and not to be asked for, where there are none or the report is all there is to do.
  const Catalogue& catalogue() const noexcept { return *catalogue_; }
  const Background& background() const noexcept { return *background_; }
  /// The same where the linear growth of these simulations follows it, else null (see why_no_growth()).
  const Background* known_growth() const {
    return why_no_growth(catalogue_->settings()).empty() ? background_.get() : nullptr;
  }
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

 protected:
  struct ToBeOpened {};
  /// Settings alone: open() is called later.
  StudyPlan(const Communicator& world, const StudyRequest& request, ToBeOpened);
  /// A study within another: what it works on, opened already, with settings that with() gave.
  StudyPlan(const StudyPlan& outer, const Communicator& ranks, StudySettings settings);

  /// Collective: opens what the study works on.
  void open();
  /// Whether all that is to be done looks at the run directory alone.
  bool works_on_results() const;
  /// Whether something is to be made first, so that there is nothing to open yet.
  bool makes_data() const;
  /// Of one cube, or of one trial of a search.
  int ranks_per_team() const;
  int team_count() const;
  /// What is to be done, in order; of tables().stages.
  std::vector<const Stage*>& asked() noexcept { return asked_; }
  const std::vector<const Stage*>& asked() const noexcept { return asked_; }
  const SettingsTable& table() const noexcept { return table_; }

 private:
  void read_settings(const StudyRequest& request);
  void complete(StudySettings& settings, const std::string& stage) const;
  /// The simulations that the stage works with: a search never opens those of the test seeds.
  SeedList seeds_to_open() const;
  void open_catalogue();
  void open_data();
  void drop_unreadable(std::vector<Catalogue::Problem>& problems);
  void check_cosmology() const;
  /// The cosmology, box and grid that the simulations were run with, or the files of the data: part of every
  /// fingerprint.
  std::string simulation_text() const;

  Communicator world_;
  std::filesystem::path file_;
  StudySettings given_;  ///< as they were read, before complete()
  StudySettings settings_;
  StudyTables tables_;
  std::vector<const Stage*> asked_;
  SettingsTable table_;
  bool show_progress_;
  std::shared_ptr<const Catalogue> catalogue_;
  std::shared_ptr<const Background> background_;
  std::shared_ptr<const StudyData> data_;
  std::vector<Catalogue::Problem> dropped_;
};

}  // namespace phiscope
