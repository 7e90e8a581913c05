#include "phiscope/measurement/marked_cube.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

/// Root mean squares of the seeds of one class and redshift lie within 1.5 of each other; of two units or a damaged
/// cube further apart.
constexpr double largest_rms_ratio = 30.0;
/// Cubes that a median is taken of.
constexpr std::size_t fewest_compared = 3;

void add_copies(const std::vector<MarkedCube>& cubes, std::vector<Catalogue::Problem>& problems) {
  std::map<std::uint64_t, const MarkedCube*> first;
  for (const auto& marked : cubes) {
    const auto [known, is_new] = first.try_emplace(marked.mark.digest, &marked);
    if (is_new) continue;
    const auto message = fmt::format("{}: holds the same values as {}, expected another run; is one of them a copy?",
                                     marked.cube.file.string(), known->second->cube.file.string());
    problems.push_back({marked.cube.seed, message});
    if (known->second->cube.seed != marked.cube.seed) problems.push_back({known->second->cube.seed, message});
  }
}

void add_disproportions(const std::vector<MarkedCube>& cubes, std::vector<Catalogue::Problem>& problems) {
  std::map<std::tuple<Gravity, double>, std::vector<const MarkedCube*>> alike;
  for (const auto& marked : cubes) alike[{marked.cube.gravity, marked.cube.redshift}].push_back(&marked);
  for (const auto& [kind, members] : alike) {
    if (members.size() < fewest_compared) continue;
    std::vector<double> rms;
    for (const auto* marked : members) rms.push_back(marked->mark.rms);
    const auto middle = rms.begin() + static_cast<std::ptrdiff_t>(rms.size() / 2);
    std::nth_element(rms.begin(), middle, rms.end());
    for (const auto* marked : members) {
      const double ratio = marked->mark.rms / *middle;
      if (ratio >= 1.0 / largest_rms_ratio && ratio <= largest_rms_ratio) continue;
      problems.push_back(
          {marked->cube.seed,
           fmt::format(
               "{}: the root mean square of its values is {:.4g}, and {:.4g} in the median of the {} {} cubes at "
               "redshift {}; expected within a factor of {}",
               marked->cube.file.string(), marked->mark.rms, *middle, members.size(),
               gravity_name(marked->cube.gravity), marked->cube.redshift, largest_rms_ratio)});
    }
  }
}

}  // namespace

CubeMark read_mark(const CatalogueEntry& cube) {
  const CubeInfo info = inspect_cube(cube);
  CubeSurvey survey(info);
  // A chunk may be the whole cube, and would be read again for every plane; so with the like.
  const std::int64_t at_a_time = info.has_separate_planes() ? 1 : info.n;
  std::vector<double> planes(static_cast<std::size_t>(at_a_time * info.n * info.n));
  for (std::int64_t first = 0; first < info.n; first += at_a_time)
    read_planes<double>(info, first, at_a_time, planes, survey);
  survey.require_simulated();
  return mark_of(survey);
}

bool is_unchanged(const CatalogueEntry& cube, const CubeMark& mark) {
  const CubeSurvey now(inspect_cube(cube));
  return mark.same_file({0, now.file_bytes(), now.file_modified(), 0}) || read_mark(cube).digest == mark.digest;
}

std::vector<Catalogue::Problem> problems_between(const std::vector<MarkedCube>& cubes) {
  std::vector<Catalogue::Problem> problems;
  add_copies(cubes, problems);
  add_disproportions(cubes, problems);
  return problems;
}

}  // namespace phiscope
