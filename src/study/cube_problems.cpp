#include "cube_problems.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "gathered_json.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/stop_request.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/study/cube_mark.hpp"
#include "phiscope/study/large_scales.hpp"

namespace phiscope {
namespace {

/// Looks at the cubes of one seed after the other, on this rank alone.
class SeedReader {
 public:
  SeedReader(const Catalogue& catalogue, const Background* background, bool whole_cubes) : background_(background) {
    if (!whole_cubes) return;
    layout_.emplace(GridShape{catalogue.grid_size(), catalogue.box_size()}, Communicator::self());
    fourier_.emplace(*layout_);
  }

  /// Marks of the cubes, and what makes one doubt that they belong together. Throws Error with what is wrong.
  std::pair<std::vector<CubeMark>, std::string> read(std::span<const CatalogueEntry> cubes) const {
    std::vector<CubeMark> marks;
    std::vector<KnownScales> scales;
    for (const auto& cube : cubes) {
      if (!fourier_) {
        marks.push_back(read_mark(cube.file));
        continue;
      }
      const CubeInfo info = inspect_cube(cube.file);
      CubeSurvey survey(info);
      std::vector<double> values(static_cast<std::size_t>(layout_->local_cells()));
      read_planes<double>(info, 0, info.n, values, survey);
      survey.require_simulated();
      marks.push_back(mark_of(survey));
      scales.push_back({cube, LargeScales::of(fourier_->forward(std::span<const double>(values)))});
    }
    (void)require_powers_of_tables(scales, background_);
    return {marks, doubt_about_seed(scales, background_)};
  }

 private:
  const Background* background_;
  std::optional<SlabLayout> layout_;
  std::optional<FourierTransform<double>> fourier_;
};

}  // namespace

std::vector<Catalogue::Problem> problems_of_values(const Catalogue& catalogue, const Communicator& ranks,
                                                   const Background* background, bool whole_cubes) {
  const auto& seeds = catalogue.seeds();
  const auto per_seed = catalogue.entries().size() / seeds.size();
  const auto cubes_of = [&](std::size_t seed) {
    return std::span(catalogue.entries()).subspan(seed * per_seed, per_seed);
  };
  const SeedReader reader(catalogue, background, whole_cubes);
  // What was found travels as one message per rank.
  nlohmann::json mine = nlohmann::json::array();
  for (auto i = static_cast<std::size_t>(ranks.rank()); i < seeds.size() && !stop_requested();
       i += static_cast<std::size_t>(ranks.size())) {
    try {
      nlohmann::json marks = nlohmann::json::array();
      const auto [of_cubes, doubt] = reader.read(cubes_of(i));
      for (const auto& mark : of_cubes) marks.push_back({mark.digest, mark.rms});
      mine.push_back({{"place", i}, {"marks", marks}, {"doubt", doubt}});
    } catch (const Error& problem) {
      mine.push_back({{"place", i}, {"message", problem.what()}});
    }
  }
  if (ranks.any(stop_requested()))
    throw StoppedOnRequest("stopped on request while checking the cubes; the same command checks them again");
  std::vector<std::pair<std::size_t, std::string>> found;
  std::vector<MarkedCube> marked;
  std::vector<std::string> doubts(seeds.size());
  for (const auto& item : gathered(ranks, mine)) {
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
