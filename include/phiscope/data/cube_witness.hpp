#pragma once
#include <span>

#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/io/cube_survey.hpp"

namespace phiscope {

/// Who wants to know of every cube that is read, with its values as they are in the file. Called by the thread that
/// reads. Throws Error for a cube that it does not believe.
class CubeWitness {
 public:
  virtual ~CubeWitness() = default;
  virtual void saw(const CatalogueEntry& cube, const CubeSurvey& survey, std::span<const double> values) = 0;
};

}  // namespace phiscope
