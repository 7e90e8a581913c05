#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "measured_unit.hpp"
#include "phiscope/base/cache_folder.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/base/progress.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/io/file_checksum.hpp"
#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/learning/checkpoint.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/parallel/teams.hpp"
#include "phiscope/parallel/unit_loop.hpp"
#include "phiscope/study/finished.hpp"
#include "phiscope/study/stages.hpp"
#include "spectra_of_pair.hpp"
#include "statistics_file.hpp"
#include "theory_datasets.hpp"
#include "warnings_of_ranks.hpp"

namespace phiscope {
namespace {

/// A fingerprint that reads files, known on all ranks or an error on all. Collective.
std::string agreed(const Study& study, std::string (*fingerprint)(const Study&)) {
  std::string text;
  together(study.world(), [&] { text = fingerprint(study); });
  return text;
}

/// The triangles of the study with their counts, which all ranks make together, whatever the teams are, or find in the
/// user's cache. Collective over the world.
std::optional<MeasuredTriangles> counted_triangles(const Study& study) {
  std::optional<TriangleSet> set;
  together(study.world(), [&] { set = triangle_set(study.settings().measure.bispectrum, grid_shape(study)); });
  if (!set) return std::nullopt;
  auto counts = cached_triangle_counts(*set, study.world(), cache_folder());
  std::optional<MeasuredTriangles> triangles;
  together(study.world(), [&] { triangles.emplace(std::move(*set), std::move(counts)); });
  if (const auto empty = triangles->set.size() - triangles->closed.size(); empty > 0)
    log::info("measure: {} of {} triangles are closed by no mode and are left out", empty, triangles->set.size());
  return triangles;
}

template <class Real>
void measure_units(const Study& study, const std::optional<MeasuredTriangles>& triangles) {
  const auto& seeds = study.catalogue().seeds();
  const auto count = static_cast<std::int64_t>(seeds.size());
  const std::string fingerprint = agreed(study, unit_fingerprint);
  const Teams teams(study.world(), study.settings().measure.ranks_per_cube);
  const Communicator& team = teams.team();
  SpectraOfPair<Real> spectra(study, team, triangles);
  Progress progress("measure", count, study.show_progress());
  std::vector<std::string> warnings, doubts;
  bool said_doubt = false;
  const auto do_unit = [&](std::int64_t unit_number) {
    const auto seed = seeds[static_cast<std::size_t>(unit_number)];
    if (unit_is_finished(study, team, seed, fingerprint, warnings) && !study.cubes().is_to_be_measured_again(seed))
      return true;
    const auto unit = spectra.measure(seed, warnings);
    if (!unit) return false;
    if (!unit->doubt.empty())
      doubts.push_back(fmt::format("{} (whether seed {} is refused shows when all are measured)", unit->doubt, seed));
    together(team, [&] {
      if (team.is_root()) write_unit(study, seed, *unit, fingerprint);
    });
    return true;
  };
  const auto after_round = [&](std::int64_t done) {
    log_warnings(study.world(), std::exchange(warnings, {}));
    // The verdict takes all seeds; hours may pass till then, so the first doubt is told at once.
    if (!said_doubt) {
      said_doubt = study.world().any(!doubts.empty());
      log_warnings(study.world(), doubts);
    }
    progress.update(done);
  };
  if (for_each_unit(Dealing::to(teams), count, Agreement::after_each_round, do_unit, after_round)) return;
  progress.finish();
  throw StoppedOnRequest("stopped on request while measuring; the same command goes on from here");
}

}  // namespace

bool is_measured(const Study& study) {
  const auto file = study.directory().file("statistics.h5");
  if (!is_finished(study.world(), file, agreed(study, statistics_fingerprint))) return false;
  if (study.cubes().any_to_be_measured_again()) return false;
  // Other seeds than before: what is there is merged anew.
  bool other_seeds = false;
  together(study.world(), [&] {
    if (study.world().is_root())
      other_seeds = Hdf5Reader(file).read<std::uint64_t>("catalogue/seed") != study.catalogue().seeds();
  });
  return !study.world().any(other_seeds);
}

void check_measured(const Study& study) {
  const auto& world = study.world();
  const auto merged = study.directory().file("statistics.h5");
  if (world.any(world.is_root() && std::filesystem::exists(merged)))
    return check_made_with(world, merged, agreed(study, statistics_fingerprint));
  together(study.world(), [&] {
    if (!study.world().is_root()) return;
    for (const auto seed : study.catalogue().seeds()) {
      const auto file = unit_file(study, seed);
      if (!std::filesystem::exists(file)) continue;
      try {
        check_same_settings(file.parent_path().string(), open_unit(study, seed).text_attribute("/", "settings"),
                            unit_fingerprint(study));
        return;
      } catch (const DamagedFile&) {
        continue;  // measure() says so
      }
    }
  });
}

void check_measurable(const Study& study) {
  together(study.world(), [&] {
    const auto& measure = study.settings().measure;
    const GridShape shape = grid_shape(study);
    (void)power_options(measure.power, shape);
    check_theory(study, triangle_set(measure.bispectrum, shape));
  });
}

void measure(const Study& study) {
  const auto triangles = counted_triangles(study);
  if (study.settings().measure.precision == Precision::single_precision)
    measure_units<float>(study, triangles);
  else
    measure_units<double>(study, triangles);
  study.cubes().measured(study);
  together(study.world(), [&] {
    if (study.world().is_root()) write_statistics(study, triangles);
  });
  log::info("measure: P(k){} of {} cubes in {}",
            triangles ? fmt::format(" and B on {} triangles", triangles->closed.size()) : "",
            study.catalogue().entries().size(), study.directory().file("statistics.h5").string());
}

}  // namespace phiscope
