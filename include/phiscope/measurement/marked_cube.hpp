#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/io/cube_mark.hpp"

namespace phiscope {

/// Reads all values of a cube. Throws Error for a cube that cannot be a simulation's.
CubeMark read_mark(const CatalogueEntry& cube);
/// Whether a cube still holds the values of a mark: size and time of the file first, which costs next to nothing.
bool is_unchanged(const CatalogueEntry& cube, const CubeMark& mark);

struct MarkedCube {
  CatalogueEntry cube;
  CubeMark mark;
};

/// What is wrong with cubes that are each sound alone, by seed: two that hold the same values, one whose values are out
/// of all proportion to those of the other seeds of its gravity and redshift.
std::vector<Catalogue::Problem> problems_between(const std::vector<MarkedCube>& cubes);

}  // namespace phiscope
