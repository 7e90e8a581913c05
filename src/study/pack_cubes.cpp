#include "phiscope/study/pack_cubes.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/progress.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/data/cube_transform.hpp"
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/learning/checkpoint.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/parallel/unit_loop.hpp"
#include "phiscope/study/finished.hpp"
#include "phiscope/study/known_theory.hpp"
#include "phiscope/study/learning_setup.hpp"
#include "warnings_of_ranks.hpp"

namespace phiscope {
namespace {

std::vector<std::uint64_t> seeds_of_split(const Split& split) {
  std::set<std::uint64_t> seeds;
  for (const auto* part : {&split.train, &split.validation, &split.test}) seeds.insert(part->begin(), part->end());
  return {seeds.begin(), seeds.end()};
}

/// Also those that are in the file already, where it can be read.
std::vector<std::uint64_t> with_packed_before(const std::filesystem::path& file, std::vector<std::uint64_t> seeds) {
  std::set<std::uint64_t> all(seeds.begin(), seeds.end());
  if (std::filesystem::exists(file)) {
    try {
      for (const auto seed : open_result(file).read<std::uint64_t>("seed"))
        if (std::filesystem::exists(packed_part(file, seed))) all.insert(seed);
    } catch (const DamagedFile&) {
      // Said before; then it is of this study's seeds alone.
    }
  }
  return {all.begin(), all.end()};
}

/// The cubes that the samples of a seed are made from, by gravity and redshift.
std::vector<CatalogueEntry> cubes_of_dataset(const Study& study, std::uint64_t seed) {
  std::vector<CatalogueEntry> cubes;
  for (const Gravity gravity : study.catalogue().gravities())
    for (const double redshift : study.settings().dataset.redshifts)
      cubes.push_back(study.catalogue().entry(seed, gravity, redshift));
  return cubes;
}

/// Whether a seed is packed already. One that is damaged, or whose cubes have changed since, is named in `warnings`,
/// and packed again.
bool is_packed(const Study& study, const std::filesystem::path& file, std::uint64_t seed,
               const std::string& fingerprint, std::vector<std::string>& warnings) {
  const auto part = packed_part(file, seed);
  if (!std::filesystem::exists(part)) return false;
  try {
    if (packed_part_is_whole(file, seed, fingerprint)) {
      const auto change = look_at_packed(study, file, seed).change;
      if (!change.empty()) warnings.push_back(fmt::format("{}; seed {} is packed again", change, seed));
      return change.empty();
    }
    check_same_settings(part.string(), Hdf5Reader(part).text_attribute("/", "settings"), fingerprint);
  } catch (const DamagedFile& problem) {
    warnings.push_back(fmt::format("{}; seed {} is packed again", problem.what(), seed));
  }
  return false;
}

}  // namespace

PackedCubes look_at_packed(const Study& study, const std::filesystem::path& file, std::uint64_t seed) {
  const auto cubes = cubes_of_dataset(study, seed);
  const auto marks = marks_of_packed_part(file, seed);
  const auto part = packed_part(file, seed).string();
  if (marks.size() != cubes.size()) return {{}, fmt::format("{}: it does not say what cubes it was made from", part)};
  PackedCubes found;
  for (std::size_t i = 0; i < cubes.size(); ++i) {
    if (!is_unchanged(cubes[i], marks[i]))
      return {{}, fmt::format("{}: has changed since it was packed into {}", cubes[i].file.string(), part)};
    found.cubes.push_back({cubes[i], marks[i]});
  }
  return found;
}

void pack_cubes(const Study& study, PackedValues values, std::filesystem::path file) {
  const auto& world = study.world();
  const auto& dataset = study.settings().dataset;
  if (dataset.sample == SampleKind::spectra) throw AgreedError("dataset.sample is spectra: there are no cubes to pack");
  together(world, [&] { require_growth(study); });
  if (file.empty()) file = dataset.packed.empty() ? study.directory().file("packed.h5") : dataset.packed;
  const auto seeds = seeds_of_split(study.settings().split);
  const auto& gravities = study.catalogue().gravities();
  const std::string settings = cube_fingerprint(study);
  const std::string fingerprint = packed_fingerprint(settings, values);
  (void)is_finished(world, file, fingerprint);

  const auto witness = study.cubes().witness(study);
  const CubeTransform source(study.catalogue(), study.background(), dataset, witness.get());
  together(world, [&] { std::filesystem::create_directories(packed_part(file, seeds.front()).parent_path()); });
  Progress progress("pack", static_cast<std::int64_t>(seeds.size()), study.show_progress());
  std::vector<std::string> warnings;
  const auto pack_seed = [&](std::int64_t place) {
    const auto seed = seeds[static_cast<std::size_t>(place)];
    if (!is_packed(study, file, seed, fingerprint, warnings))
      write_packed_part(file, source, seed, gravities, settings, values,
                        [&] { return CubeRegister::marks(*witness, cubes_of_dataset(study, seed)); });
    for (auto& warning : CubeRegister::take_warnings(*witness)) warnings.push_back(std::move(warning));
    return true;
  };
  const auto after_round = [&](std::int64_t done) {
    log_warnings(world, std::exchange(warnings, {}));
    progress.update(done);
  };
  if (!for_each_unit(Dealing::to(world), static_cast<std::int64_t>(seeds.size()), Agreement::after_each_round,
                     pack_seed, after_round)) {
    progress.finish();
    throw StoppedOnRequest("stopped on request while packing; the same command goes on from here");
  }
  progress.finish();
  together(world, [&] {
    if (world.is_root()) write_packed_index(file, source.shape(), with_packed_before(file, seeds), settings, values);
  });
  log::info("pack: {} cubes of {} seeds in {} and {}.parts", seeds.size() * gravities.size(), seeds.size(),
            file.string(), file.string());
}

}  // namespace phiscope
