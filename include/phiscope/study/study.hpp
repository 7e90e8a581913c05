#pragma once
#include <memory>

#include "phiscope/study/cube_register.hpp"
#include "phiscope/study/run_directory.hpp"
#include "phiscope/study/study_plan.hpp"

namespace phiscope {

/// A study at work: what it is, and the run directory that it fills. The stages use it; run() does them.
class Study : public StudyPlan {
 public:
  /// Collective. Makes and locks the run directory, then opens what the study works on. Throws AgreedError before
  /// anything is computed when something is wrong with either, leaving earlier results as they are.
  Study(const Communicator& world, const StudyRequest& request);

  /// A study within another: the same simulations, opened already, with settings that with() gave. Touches no file.
  Study(const Study& outer, const Communicator& ranks, StudySettings settings);
  /// Makes and locks the run directory of a study within another, and writes the settings there. Collective.
  void begin();

  /// Does the stage asked for, or those that the study names; skips what is done. Collective.
  void run();

  const RunDirectory& directory() const noexcept { return *directory_; }
  /// Which cubes the results in the run directory were made from.
  CubeRegister& cubes() const noexcept { return *cubes_; }

 private:
  void write_settings_and_provenance();
  void do_stage(const Stage& stage);

  std::unique_ptr<RunDirectory> directory_;
  std::unique_ptr<CubeRegister> cubes_ = std::make_unique<CubeRegister>();
};

}  // namespace phiscope
