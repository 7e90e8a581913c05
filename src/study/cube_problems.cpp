#include "cube_problems.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <utility>

#include "gathered_json.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/memory.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/measurement/large_scales.hpp"
#include "phiscope/measurement/marked_cube.hpp"
#include "phiscope/measurement/transformed_cube.hpp"
#include "phiscope/parallel/agreement.hpp"
#include "phiscope/parallel/teams.hpp"
#include "phiscope/parallel/unit_loop.hpp"
#include "warnings_of_ranks.hpp"

namespace phiscope {
namespace {

/// Looks at the cubes of one seed after the other, on a team of ranks that holds a cube together.
class SeedReader {
 public:
  SeedReader(const Catalogue& catalogue, const Communicator& team, const Background* background)
      : background_(background),
        layout_(GridShape{catalogue.grid_size(), catalogue.box_size()}, team),
        fourier_(layout_) {}

  /// Marks of the cubes, and what makes one doubt that they belong together. Collective over the team. Throws Error
  /// with what is wrong.
  std::pair<std::vector<CubeMark>, std::string> read(std::span<const CatalogueEntry> cubes) {
    std::vector<CubeMark> marks;
    std::vector<KnownScales> scales;
    for (const auto& cube : cubes) {
      const auto [mark, field] = read_transformed(cube, layout_, fourier_);
      marks.push_back(mark);
      scales.push_back({cube, LargeScales::of(field)});
    }
    std::string doubt;
    together(layout_.team(), [&] {
      if (!layout_.team().is_root()) return;
      (void)require_powers_of_tables(scales, tables_, background_);
      doubt = doubt_about_seed(scales, background_);
    });
    return {std::move(marks), std::move(doubt)};
  }

  std::vector<std::string> take_warnings() { return tables_.take_warnings(); }

 private:
  const Background* background_;
  SlabLayout layout_;
  FourierTransform<double> fourier_;
  RunTables tables_;
};

}  // namespace

std::vector<Catalogue::Problem> problems_of_values(const Catalogue& catalogue, const Communicator& world,
                                                   int ranks_per_cube, const Background* background) {
  const auto& seeds = catalogue.seeds();
  const auto per_seed = catalogue.entries().size() / seeds.size();
  const auto cubes_of = [&](std::size_t seed) {
    return std::span(catalogue.entries()).subspan(seed * per_seed, per_seed);
  };
  const Teams teams(world, ranks_per_cube);
  const Communicator& team = teams.team();
  SeedReader reader(catalogue, team, background);
  // What was found travels as one message per rank.
  nlohmann::json mine = nlohmann::json::array();
  const auto look_at_seed = [&](std::int64_t place) {
    nlohmann::json found{{"place", place}};
    try {
      nlohmann::json marks = nlohmann::json::array();
      const auto [of_cubes, doubt] = reader.read(cubes_of(static_cast<std::size_t>(place)));
      for (const auto& mark : of_cubes) marks.push_back({mark.digest, mark.rms});
      found["marks"] = marks;
      found["doubt"] = doubt;
    } catch (const OutOfMemory&) {  // which says nothing about the cube
      throw;
    } catch (const AgreedOutOfMemory&) {
      throw;
    } catch (const Error& problem) {
      found["message"] = problem.what();
    }
    if (team.is_root()) mine.push_back(std::move(found));
    return true;
  };
  const bool is_done =
      for_each_unit(Dealing::to(teams), static_cast<std::int64_t>(seeds.size()), Agreement::at_the_end, look_at_seed);
  log_warnings(world, reader.take_warnings());
  if (!is_done)
    throw StoppedOnRequest("stopped on request while checking the cubes; the same command checks them again");
  std::vector<std::pair<std::size_t, std::string>> found;
  std::vector<MarkedCube> marked;
  std::vector<std::string> doubts(seeds.size());
  for (const auto& item : gathered(world, mine)) {
    const std::size_t place = item.at("place");
    if (item.contains("message")) {
      found.emplace_back(place, item.at("message"));
      continue;
    }
    doubts[place] = item.at("doubt");
    for (std::size_t j = 0; j < per_seed; ++j) {
      const auto& mark = item.at("marks").at(j);
      marked.push_back({cubes_of(place)[j], {.digest = mark.at(0), .rms = mark.at(1)}});
    }
  }
  auto between = problems_between(marked);
  for (auto& problem : problems_of_doubts(seeds, doubts)) between.push_back(std::move(problem));
  for (const auto& [seed, message] : between)
    found.emplace_back(static_cast<std::size_t>(std::find(seeds.begin(), seeds.end(), seed) - seeds.begin()), message);
  std::sort(found.begin(), found.end());
  std::vector<Catalogue::Problem> problems;
  for (const auto& [place, message] : found)
    if (problems.empty() || problems.back().seed != seeds[place]) problems.push_back({seeds[place], message});
  return problems;
}

}  // namespace phiscope
