#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "phiscope/data/data_settings.hpp"
#include "phiscope/data/dataset_settings.hpp"
#include "phiscope/data/group_split.hpp"
#include "phiscope/grid/fft_engine.hpp"
#include "phiscope/learning/training_settings.hpp"
#include "phiscope/measurement/measure_settings.hpp"
#include "phiscope/settings/settings_table.hpp"
#include "phiscope/simulation/simulate_settings.hpp"
#include "phiscope/study/search_settings.hpp"
#include "phiscope/study/study_tables.hpp"

namespace phiscope {

enum class OnBadCube { stop, skip };

/// All settings of a study, as one YAML file gives them. describe() says what each one means.
struct StudySettings {
  std::string name;
  std::vector<std::string> stages;
  std::filesystem::path output_directory;
  int threads_per_rank = 0;
  FftEngine fft = FftEngine::own;

  struct {
    std::filesystem::path root;
    SeedList seeds;
    std::vector<std::string> gravities{"gr", "newton"};
    std::vector<double> redshifts;
    std::string field = "phi";
    std::optional<double> box_size;
    std::optional<std::int64_t> grid_size;
    OnBadCube on_bad_cube = OnBadCube::stop;
  } simulations;

  struct {
    std::optional<double> h, omega_b, omega_cdm;
    std::filesystem::path transfer;
  } cosmology;

  SimulateSettings simulate;
  MeasureSettings measure;

  DataSettings data;
  TaskSettings task;

  DatasetSettings dataset;
  Split split;
  SplitFractions split_fractions;

  struct {
    std::filesystem::path file;
    std::optional<double> hidden, dropout;
    std::map<std::string, double> parameters;
    std::string text;  ///< what the file says, without comments and blank lines; empty where there is no file
  } network;

  TrainingSettings training = of_any_task();
  SearchSettings search;

  /// Trainings of the same study over and over.
  struct {
    std::int64_t folds = 0, seeds = 0;
    std::vector<double> train_groups;
  } repeat;

  int bootstrap_resamples = 1000;
  int explained_pairs = 1;

 private:
  /// Their loss is what the task asks for.
  static TrainingSettings of_any_task() {
    TrainingSettings training;
    training.loss.name = "auto";
    return training;
  }
};

/// The one description of every setting, bound to `settings`, which must outlive the table.
SettingsTable describe(StudySettings& settings, const StudyTables& tables = {});

/// Fills in what follows from other settings (the output directory, the redshifts of the dataset) and throws Error
/// where settings contradict each other, or lack what the study's stages or `asked_stage` need. Paths that do not exist
/// from the working directory are looked up beside `study_file` and in the folders above it.
void complete_and_check(StudySettings& settings, const std::filesystem::path& study_file,
                        const std::string& asked_stage = "run", const StudyTables& tables = {});

/// `on_bad_cube: skip`: takes the dropped seeds out of the study. Throws Error when a part of the split is left empty.
void drop_seeds(StudySettings& settings, const SeedList& dropped);

}  // namespace phiscope
