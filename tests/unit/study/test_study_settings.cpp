#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "../io/temporary_folder.hpp"
#include "phiscope/study/study_settings.hpp"

namespace phiscope {
namespace {

using test::contains;
using test::error_of;
using test::TemporaryFolder;
using test::write_bytes;

/// A study that complete_and_check() accepts.
StudySettings sound() {
  StudySettings settings;
  settings.simulations.root = "/simulations";
  settings.simulations.seeds = {0, 1, 2, 3, 4};
  settings.simulations.redshifts = {10, 5, 1};
  settings.split = {{0, 1, 2}, {3}, {4}};
  settings.network.file = "/networks/small.yaml";
  return settings;
}

using Change = std::function<void(StudySettings&)>;

/// What is wrong with a sound study after a change.
std::string problem(const Change& change, const std::string& asked_stage = "run") {
  StudySettings settings = sound();
  change(settings);
  return error_of([&] { complete_and_check(settings, "my.yaml", asked_stage); });
}

StudySettings completed(const Change& change) {
  StudySettings settings = sound();
  change(settings);
  complete_and_check(settings, "somewhere/my.yaml");
  return settings;
}

TEST(CompleteAndCheck, AcceptsASoundStudy) {
  EXPECT_EQ(problem([](StudySettings&) {}), "");
}

TEST(CompleteAndCheck, NamesTheStudyAndItsFolderAfterTheFile) {
  const auto settings = completed([](StudySettings&) {});
  EXPECT_EQ(settings.name, "my");
  EXPECT_EQ(settings.output_directory, "runs/my");
}

TEST(CompleteAndCheck, KeepsANameAndAFolderThatAreGiven) {
  const auto settings = completed([](StudySettings& s) {
    s.name = "thesis";
    s.output_directory = "elsewhere";
  });
  EXPECT_EQ(settings.name, "thesis");
  EXPECT_EQ(settings.output_directory, "elsewhere");
  EXPECT_EQ(completed([](StudySettings& s) { s.name = "thesis"; }).output_directory, "runs/thesis");
}

TEST(CompleteAndCheck, TakesTheFirstAndLastRedshiftForAGrowthDifferenceAndTheLastForOthers) {
  EXPECT_EQ(completed([](StudySettings& s) { s.dataset.transform = Transform::growth_difference; }).dataset.redshifts,
            (std::vector<double>{10, 1}));
  EXPECT_EQ(completed([](StudySettings& s) { s.dataset.transform = Transform::laplacian; }).dataset.redshifts,
            std::vector<double>{1});
}

TEST(CompleteAndCheck, ListsGrBeforeNewton) {
  const auto settings = completed([](StudySettings& s) { s.simulations.gravities = {"newton", "gr"}; });
  EXPECT_EQ(settings.simulations.gravities, (std::vector<std::string>{"gr", "newton"}));
}

TEST(CompleteAndCheck, FindsPathsBesideTheStudyAndAboveIt) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder / "config/networks");
  std::filesystem::create_directories(folder / "config/cubes");
  write_bytes(folder / "network.yaml", "layers: []");
  StudySettings settings = sound();
  settings.simulations.root = "cubes";
  settings.network.file = "network.yaml";
  complete_and_check(settings, folder / "config/my.yaml");
  EXPECT_EQ(settings.simulations.root, folder / "config/cubes");
  EXPECT_EQ(settings.network.file, folder / "network.yaml");
}

TEST(CompleteAndCheck, NamesWhatIsMissing) {
  EXPECT_EQ(problem([](StudySettings& s) { s.simulations.root.clear(); }),
            "my.yaml: simulations.root is missing (or data.kind, where the study learns from other data)");
  EXPECT_EQ(problem([](StudySettings& s) { s.simulations.seeds.clear(); }),
            "my.yaml: simulations.seeds is missing or empty");
  EXPECT_EQ(problem([](StudySettings& s) { s.simulations.redshifts.clear(); }),
            "my.yaml: simulations.redshifts is missing or empty");
  EXPECT_EQ(problem([](StudySettings& s) { s.simulations.redshifts.assign(1001, 1.0); }),
            "my.yaml: simulations.redshifts lists 1001 redshifts, expected at most 1000");
  EXPECT_EQ(problem([](StudySettings& s) { s.simulations.gravities.clear(); }),
            "my.yaml: simulations.gravities is empty");
  EXPECT_TRUE(contains(problem([](StudySettings& s) { s.network.file.clear(); }), "my.yaml: network.file is missing"));
}

TEST(CompleteAndCheck, TheFieldIsAPlainName) {
  const auto of = [](const char* field) { return problem([&](StudySettings& s) { s.simulations.field = field; }); };
  for (const char* field : {"phi", "T00", "pi_k", "B[0]", "hij[5]"}) EXPECT_EQ(of(field), "");
  for (const char* field : {"", "../phi", "phi.h5", "Φ", "B[]", "B[0"})
    EXPECT_TRUE(contains(of(field), fmt::format("simulations.field: '{}' names no field, expected", field))) << field;
}

TEST(CompleteAndCheck, RefusesASeedInTwoPartsOfTheSplit) {
  EXPECT_TRUE(contains(problem([](StudySettings& s) { s.split.test = {2, 4}; }), "seed 2 is in 'train' and in 'test'"));
  EXPECT_TRUE(
      contains(problem([](StudySettings& s) { s.split.validation = {4}; }), "seed 4 is in 'validation' and in 'test'"));
}

TEST(CompleteAndCheck, RefusesASplitWithAnUnknownSeedOrAnEmptyPart) {
  EXPECT_TRUE(
      contains(problem([](StudySettings& s) { s.split.test = {9}; }), "dataset.split.test: seed 9 is not among"));
  EXPECT_TRUE(
      contains(problem([](StudySettings& s) { s.split.validation.clear(); }), "dataset.split.validation is empty"));
}

TEST(CompleteAndCheck, SpectraTakeAnyRedshiftsAndByDefaultAll) {
  const auto spectra = [](StudySettings& s) { s.dataset.sample = SampleKind::spectra; };
  EXPECT_EQ(completed(spectra).dataset.redshifts, (std::vector<double>{10, 5, 1}));
  EXPECT_EQ(problem([&](StudySettings& s) {
              spectra(s);
              s.dataset.redshifts = {5};
            }),
            "");
  EXPECT_TRUE(contains(problem([&](StudySettings& s) {
                         spectra(s);
                         s.dataset.redshifts = {2};
                       }),
                       "dataset.redshifts: 2 is not among"));
}

TEST(CompleteAndCheck, RefusesSpectraOfNothingAndPackedSpectra) {
  EXPECT_TRUE(contains(problem([](StudySettings& s) {
                         s.dataset.sample = SampleKind::spectra;
                         s.dataset.spectra = {false, false};
                       }),
                       "wants neither power nor bispectrum"));
  EXPECT_TRUE(contains(problem([](StudySettings& s) {
                         s.dataset.sample = SampleKind::spectra;
                         s.dataset.packed = "/packed.h5";
                       }),
                       "dataset.packed is /packed.h5, but dataset.sample is spectra"));
}

TEST(CompleteAndCheck, PackingNeedsASplitButNoNetwork) {
  const auto without_network = [](StudySettings& s) {
    s.stages = {"measure"};
    s.network.file.clear();
  };
  EXPECT_EQ(problem(without_network, "pack"), "");
  EXPECT_TRUE(contains(problem(
                           [&](StudySettings& s) {
                             without_network(s);
                             s.split.train.clear();
                           },
                           "pack"),
                       "dataset.split.train is empty"));
}

TEST(CompleteAndCheck, RefusesRedshiftsThatTheTransformCannotUse) {
  EXPECT_TRUE(contains(problem([](StudySettings& s) { s.simulations.redshifts = {10}; }),
                       "growth_difference needs two redshifts"));
  EXPECT_TRUE(contains(problem([](StudySettings& s) { s.dataset.redshifts = {10, 5, 1}; }), "lists 3 redshifts"));
  EXPECT_TRUE(contains(problem([](StudySettings& s) {
                         s.dataset.redshifts = {10, 2};
                       }),
                       "2 is not among simulations.redshifts"));
  EXPECT_TRUE(contains(problem([](StudySettings& s) {
                         s.dataset.transform = Transform::phi;
                         s.dataset.redshifts = {10, 1};
                       }),
                       "lists 2 redshifts; this dataset.transform takes 1"));
}

TEST(CompleteAndCheck, RefusesGravitiesThatContradictTheTask) {
  EXPECT_TRUE(contains(problem([](StudySettings& s) { s.simulations.gravities = {"gr", "gr"}; }), "lists gr twice"));
  EXPECT_TRUE(
      contains(problem([](StudySettings& s) { s.simulations.gravities = {"newton"}; }), "needs both gr and newton"));
  EXPECT_EQ(problem([](StudySettings& s) {
              s.simulations.gravities = {"newton"};
              s.dataset.null_test = true;
            }),
            "");
}

TEST(CompleteAndCheck, RefusesBatchesAndLanesThatDoNotFit) {
  EXPECT_TRUE(contains(problem([](StudySettings& s) { s.training.lanes = 6; }),
                       "training.lanes is 6, expected a power of two"));
  EXPECT_TRUE(contains(problem([](StudySettings& s) { s.training.batch = 72; }),
                       "training.batch is 72, expected a multiple of 16"));
  EXPECT_EQ(problem([](StudySettings& s) {
              s.training.batch = 72;
              s.dataset.matched = false;
            }),
            "");
}

TEST(CompleteAndCheck, RefusesTrainingSettingsWithoutAMeaning) {
  EXPECT_TRUE(contains(problem([](StudySettings& s) { s.training.optimizer.name = "adm"; }),
                       "training.optimizer: unknown optimiser 'adm', did you mean 'adam'?"));
  EXPECT_TRUE(contains(problem([](StudySettings& s) { s.training.loss.class_weights = {1.0}; }),
                       "training.loss: 1 class weights were given"));
  EXPECT_TRUE(contains(problem([](StudySettings& s) { s.training.schedule.warmup_epochs = 20; }),
                       "training.schedule: a warm-up of 20 epochs leaves nothing"));
}

TEST(CompleteAndCheck, RefusesToEvaluateWhatIsNoClassifier) {
  const Change squares = [](StudySettings& s) { s.training.loss.name = "mean_squared_error"; };
  EXPECT_TRUE(contains(problem(squares), "evaluate scores the logits of binary_cross_entropy"));
  EXPECT_EQ(problem([&](StudySettings& s) {
              squares(s);
              s.stages = {"train"};
            }),
            "");
}

TEST(CompleteAndCheck, AsksNothingAboutTrainingOfAStudyThatOnlyMeasures) {
  const Change only_measures = [](StudySettings& s) {
    s.stages = {"measure"};
    s.split = {};
    s.network.file.clear();
    s.simulations.gravities = {"gr"};
  };
  EXPECT_EQ(problem(only_measures), "");
  EXPECT_EQ(problem(only_measures, "measure"), "");
}

TEST(CompleteAndCheck, ChecksTheSplitOfATrainingThatTheStudyDoesNotName) {
  const Change leaks = [](StudySettings& s) {
    s.stages = {"measure"};
    s.split.test = {2};
  };
  for (const std::string stage : {"train", "evaluate", "explain"})
    EXPECT_TRUE(contains(problem(leaks, stage), "seed 2 is in 'train' and in 'test'")) << stage;
}

TEST(DropSeeds, TakesThemOutOfTheWholeStudy) {
  StudySettings settings = sound();
  settings.split = {{0, 1}, {2, 3}, {4}};
  drop_seeds(settings, {1, 3});
  EXPECT_EQ(settings.simulations.seeds, (SeedList{0, 2, 4}));
  EXPECT_EQ(settings.split.train, SeedList{0});
  EXPECT_EQ(settings.split.validation, SeedList{2});
  EXPECT_EQ(settings.split.test, SeedList{4});
}

TEST(DropSeeds, ChangesNothingWhenNoneIsBad) {
  StudySettings settings = sound();
  drop_seeds(settings, {});
  EXPECT_EQ(settings.simulations.seeds, sound().simulations.seeds);
  EXPECT_EQ(settings.split.train, sound().split.train);
}

TEST(DropSeeds, RefusesToLeaveAPartEmpty) {
  StudySettings settings = sound();
  EXPECT_TRUE(contains(error_of([&] { drop_seeds(settings, {3}); }), "no seed is left in dataset.split.validation"));
}

TEST(DropSeeds, DoesNotMindASplitThatIsNotUsed) {
  StudySettings settings = sound();
  settings.split = {};
  drop_seeds(settings, {0});
  EXPECT_EQ(settings.simulations.seeds, (SeedList{1, 2, 3, 4}));
}

TEST(StudySettings, EverySettingIsDescribedAndReadsBack) {
  StudySettings settings = sound();
  const auto table = describe(settings);
  StudySettings copy;
  describe(copy).read_yaml(table.to_yaml(), "study.yaml");
  EXPECT_EQ(describe(copy).to_yaml(), table.to_yaml());
  for (const auto& setting : table.settings()) EXPECT_FALSE(setting.description.empty()) << setting.path;
}

/// A study with one more line in its training section.
StudySettings with_training(const std::string& line) {
  StudySettings settings;
  describe(settings).read_yaml("training:\n  " + line + "\n", "study.yaml");
  return settings;
}

TEST(StudySettings, ChoicesOfTrainingAreReadByName) {
  EXPECT_EQ(with_training("optimizer: {name: lamb, momentum: 0.5}").training.optimizer.name, "lamb");
  EXPECT_EQ(with_training("optimizer: {momentum: 0.5}").training.optimizer.momentum, 0.5);
  EXPECT_EQ(with_training("loss: {name: mixture_density, components: 2}").training.loss.components, 2);
  EXPECT_EQ(with_training("loss: {class_weights: [1, 2.5]}").training.loss.class_weights,
            (std::vector<double>{1.0, 2.5}));
  EXPECT_EQ(with_training("schedule: {name: one_cycle}").training.schedule.kind, neural::ScheduleKind::one_cycle);
}

TEST(StudySettings, TheScheduleIsStillReadUnderItsOldName) {
  EXPECT_EQ(with_training("optimizer: {schedule: cosine}").training.schedule.kind, neural::ScheduleKind::cosine);
  EXPECT_TRUE(contains(error_of([] { with_training("optimizer: {schedule: cosine}\n  schedule: {name: step}"); }),
                       "given twice"));
  StudySettings settings;
  EXPECT_FALSE(contains(describe(settings).to_yaml(), "    schedule:"));
}

TEST(StudySettings, AMisspeltChoiceOfTrainingComesWithASuggestion) {
  EXPECT_TRUE(contains(error_of([] { with_training("optimizer: {name: rmsprob}"); }), "did you mean 'rmsprop'?"));
  EXPECT_TRUE(contains(error_of([] { with_training("loss: {name: gausian_nll}"); }), "did you mean 'gaussian_nll'?"));
  EXPECT_TRUE(contains(error_of([] { with_training("schedule: {name: cosin}"); }), "did you mean 'cosine'?"));
  EXPECT_TRUE(contains(error_of([] { with_training("schedule: {warmup: 1}"); }), "training.schedule.warmup"));
}

TEST(StudySettings, TheNamesThatScriptsOverrideExist) {
  StudySettings settings;
  const auto table = describe(settings);
  for (const std::string path : {"simulations.root",
                                 "simulations.seeds",
                                 "simulations.redshifts",
                                 "simulations.gravities",
                                 "measure.ranks_per_cube",
                                 "measure.power.bin_width",
                                 "measure.power.k_max",
                                 "measure.bispectrum.triangles",
                                 "measure.bispectrum.bin_width",
                                 "dataset.transform",
                                 "dataset.split.train",
                                 "dataset.split.validation",
                                 "dataset.split.test",
                                 "network.file",
                                 "network.hidden",
                                 "training.epochs",
                                 "training.batch",
                                 "training.lanes",
                                 "training.optimizer.name",
                                 "training.optimizer.learning_rate",
                                 "training.seed",
                                 "output.directory"})
    EXPECT_NE(table.find(path), nullptr) << path;
}

/// A new setting is not among them unless somebody has thought about it.
TEST(StudySettings, TheSettingsThatNoResultDependsOnAreThese) {
  StudySettings settings;
  std::vector<std::string> found;
  const auto table = describe(settings);
  for (const auto& setting : table.settings())
    if (setting.affects == Affects::nothing && !setting.path.starts_with("search.") &&
        !setting.path.starts_with("repeat."))
      found.push_back(setting.path);
  EXPECT_EQ(found, (std::vector<std::string>{
                       "name", "stages", "output.directory", "parallel.threads_per_rank", "simulations.root",
                       "simulations.box_size", "simulations.grid_size", "cosmology.h", "cosmology.omega_b",
                       "cosmology.omega_cdm", "measure.ranks_per_cube", "dataset.cache_gib",
                       "training.checkpoint_minutes", "training.keep_every", "training.lag_seconds"}));
}

}  // namespace
}  // namespace phiscope
