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
  static const std::vector<std::pair<std::string, SampleKind>> names{
      {"slice", SampleKind::slice},     {"cube", SampleKind::cube}, {"subcube", SampleKind::subcube},
      {"spectra", SampleKind::spectra}, {"map", SampleKind::map},   {"row", SampleKind::row}};
  return names;
}

void check_split(const Split& split, const std::vector<std::uint64_t>& simulated, const std::string& word,
                 const std::string& place_of_all) {
  std::unordered_map<std::uint64_t, std::string> part_of;
  const std::unordered_set<std::uint64_t> known(simulated.begin(), simulated.end());
  const auto take = [&](const std::vector<std::uint64_t>& seeds, const std::string& part) {
    if (seeds.empty()) fail("dataset.split.{} is empty, expected at least one {}", part, word);
    for (const auto seed : seeds) {
      const auto [place, fresh] = part_of.emplace(seed, part);
      if (!fresh)
        fail("dataset.split: {} {} is in '{}' and in '{}'; a {} may be in one part only, or the test would leak", word,
             seed, place->second, part, word);
      if (!known.contains(seed)) fail("dataset.split.{}: {} {} is not among {}", part, word, seed, place_of_all);
    }
  };
  take(split.train, "train");
  take(split.validation, "validation");
  take(split.test, "test");
}

}  // namespace phiscope
