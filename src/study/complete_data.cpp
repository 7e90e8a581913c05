#include "complete_data.hpp"

#include <algorithm>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

/// Every list and place in which the study says of what its simulations are.
void check_no_simulations(const StudySettings& s, const std::filesystem::path& study_file) {
  if (!s.simulations.root.empty() || !s.simulations.seeds.empty() || !s.simulations.redshifts.empty())
    fail("{}: it has a section simulations and data.kind {}: expected one of the two", study_file.string(),
         s.data.kind);
}

/// The files of the section data, looked up as those of simulations are.
void resolve_data(DataSettings& d, const std::filesystem::path& study_file) {
  d.root = resolve(d.root, study_file);
  d.table = resolve(d.table, study_file);
  d.parameters = resolve(d.parameters, study_file);
  if (!d.root.empty()) return;
  for (auto* names : {&d.inputs, &d.targets})
    for (auto& name : *names)
      if (name.find('{') == std::string::npos) name = resolve(name, study_file).string();
}

/// What a sample is of each kind of data. Throws Error where the study says that it is something else.
void complete_sample(StudySettings& s) {
  auto& sample = s.dataset.sample;
  if (s.data.kind == "table") sample = SampleKind::row;
  if (s.data.kind == "maps") sample = SampleKind::map;
  if (s.data.kind == "spectra") sample = SampleKind::spectra;
  const bool cubes = s.data.kind == "cubes" || s.data.kind == "pairs" || s.data.kind == "fields";
  if (cubes && sample != SampleKind::slice && sample != SampleKind::cube && sample != SampleKind::subcube)
    fail("dataset.sample is not one of slice, cube and subcube, which data.kind {} has", s.data.kind);
}

void complete_fractions(StudySettings& s) {
  auto& fractions = s.split_fractions.fractions;
  const bool lists = !s.split.train.empty() || !s.split.validation.empty() || !s.split.test.empty();
  if (fractions.empty() && !lists) fractions = {0.8, 0.1, 0.1};
  if (fractions.empty()) return;
  if (lists) fail("dataset.split has fractions and lists of groups: expected one of the two");
  if (fractions.size() != 3)
    fail("dataset.split.fractions lists {} numbers, expected three: training, validation, test", fractions.size());
  constexpr double rounding = 1e-9;
  if (const double sum = fractions[0] + fractions[1] + fractions[2]; sum > 1.0 + rounding)
    fail("dataset.split.fractions are {}, which add up to {}, expected 1 at most", fmt::join(fractions, ", "), sum);
}

}  // namespace

void complete_data(StudySettings& s, const std::filesystem::path& study_file, const std::string& asked_stage,
                   const StageTable& stages, Needs needs) {
  check_no_simulations(s, study_file);
  std::vector<std::string> asked{asked_stage};
  if (asked_stage == "run") asked = s.stages;
  for (const auto& name : asked)
    if (const Stage* stage = find_stage(stages, name); stage != nullptr && !stage->takes_data)
      fail("{}: '{}' works on simulations, and the study has data.kind {}", study_file.string(), name, s.data.kind);
  if (s.task.kind.empty()) fail("{}: task.kind is missing: data.kind {} needs it", study_file.string(), s.data.kind);
  resolve_data(s.data, study_file);
  complete_sample(s);
  complete_fractions(s);
  if (s.dataset.null_test) fail("dataset.null_test is true, which works on pairs of simulations alone");
  if (!s.dataset.packed.empty())
    fail("dataset.packed is {}, which takes the place of simulations alone", s.dataset.packed.string());
  if (s.data.kind != "pairs") s.dataset.matched = false;
  if (needs < Needs::network) return;
  const bool matched = s.data.kind == "pairs" && s.dataset.matched;
  check_training_settings(s.training, matched ? static_cast<std::int64_t>(s.data.classes.size()) : 1);
  if (asked_stage == "search") check_search_settings(s.search, s.training.epochs);
  if (s.network.file.empty()) fail("{}: network.file is missing; see config/networks", study_file.string());
}

std::filesystem::path resolve(const std::filesystem::path& path, const std::filesystem::path& study_file) {
  if (path.empty() || path.is_absolute()) return path;
  if (std::filesystem::exists(path)) return std::filesystem::weakly_canonical(path);
  auto folder = std::filesystem::absolute(study_file).parent_path();
  for (; folder != folder.root_path(); folder = folder.parent_path())
    if (std::filesystem::exists(folder / path)) return std::filesystem::weakly_canonical(folder / path);
  return path;
}

}  // namespace phiscope
