#include "phiscope/data/dataset_settings.hpp"

#include <unordered_map>
#include <unordered_set>

#include "phiscope/base/error.hpp"

namespace phiscope {

const std::vector<std::pair<std::string, Transform>>& transform_names() {
  static const std::vector<std::pair<std::string, Transform>> names{
      {"phi", Transform::phi},
      {"gradient", Transform::gradient},
      {"laplacian", Transform::laplacian},
      {"growth_difference", Transform::growth_difference}};
  return names;
}

const std::vector<std::pair<std::string, SampleKind>>& sample_kind_names() {
  static const std::vector<std::pair<std::string, SampleKind>> names{{"slice", SampleKind::slice},
                                                                     {"cube", SampleKind::cube},
                                                                     {"subcube", SampleKind::subcube},
                                                                     {"spectra", SampleKind::spectra}};
  return names;
}

void check_split(const Split& split, const std::vector<std::uint64_t>& simulated) {
  std::unordered_map<std::uint64_t, std::string> part_of;
  const std::unordered_set<std::uint64_t> known(simulated.begin(), simulated.end());
  const auto take = [&](const std::vector<std::uint64_t>& seeds, const std::string& part) {
    if (seeds.empty()) fail("dataset.split.{} is empty, expected at least one seed", part);
    for (const auto seed : seeds) {
      const auto [place, fresh] = part_of.emplace(seed, part);
      if (!fresh)
        fail("dataset.split: seed {} is in '{}' and in '{}'; a seed may be in one part only, or the test would leak",
             seed, place->second, part);
      if (!known.contains(seed)) fail("dataset.split.{}: seed {} is not among simulations.seeds", part, seed);
    }
  };
  take(split.train, "train");
  take(split.validation, "validation");
  take(split.test, "test");
}

}  // namespace phiscope
