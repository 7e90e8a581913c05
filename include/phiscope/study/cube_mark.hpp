#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "phiscope/io/catalogue.hpp"
#include "phiscope/io/cube_survey.hpp"

namespace phiscope {

/// By what a cube is known again, and how large its values are.
struct CubeMark {
  std::uint64_t digest = 0;   ///< of its values
  std::uint64_t bytes = 0;    ///< of the file
  std::int64_t modified = 0;  ///< the file, in ns of the file system's clock
  double rms = 0;

  bool same_file(const CubeMark& other) const noexcept { return bytes == other.bytes && modified == other.modified; }
};

/// Of a cube whose values were all seen.
CubeMark mark_of(const CubeSurvey& survey);
/// Reads all values of a cube. Throws Error for a cube that cannot be a simulation's.
CubeMark read_mark(const CatalogueEntry& cube);

struct MarkedCube {
  CatalogueEntry cube;
  CubeMark mark;
};

/// What is wrong with cubes that are each sound alone, by seed: two that hold the same values, one whose values are out
/// of all proportion to those of the other seeds of its gravity and redshift.
std::vector<Catalogue::Problem> problems_between(const std::vector<MarkedCube>& cubes);

}  // namespace phiscope
