#pragma once
#include <filesystem>
#include <numeric>
#include <string>
#include <vector>

#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/cosmology/cosmology.hpp"
#include "phiscope/data/dataset_settings.hpp"

namespace phiscope::testing_data {

/// Where the real 32³ pairs are.
inline std::filesystem::path pairs_root() {
  return std::filesystem::path(PHISCOPE_SOURCE_DIR) / "tests/data/pairs32";
}

/// The first seeds of the real 32³ pairs, or of a copy of them.
inline Catalogue real_pairs(std::uint64_t seeds, const std::filesystem::path& root = pairs_root()) {
  CatalogueRequest request;
  request.root = root;
  request.seeds.resize(seeds);
  std::iota(request.seeds.begin(), request.seeds.end(), std::uint64_t{0});
  request.gravities = {Gravity::gr, Gravity::newton};
  request.redshifts = {10, 1};
  return Catalogue::open(request);
}

inline DatasetSettings dataset(Transform transform) {
  DatasetSettings settings;
  settings.transform = transform;
  settings.redshifts = transform == Transform::growth_difference ? std::vector<double>{10, 1} : std::vector<double>{1};
  return settings;
}

}  // namespace phiscope::testing_data
