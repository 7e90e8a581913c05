#include "phiscope/measurement/transformed_cube.hpp"

#include <span>
#include <vector>

#include "phiscope/io/cube_survey.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {

template <class Real>
TransformedCube<Real> read_transformed(const CatalogueEntry& entry, const SlabLayout& layout,
                                       const FourierTransform<Real>& fourier) {
  const auto& team = layout.team();
  CubeInfo cube;
  together(team, [&] { cube = inspect_cube(entry); });
  CubeSurvey survey(cube);
  std::vector<Real> planes(static_cast<std::size_t>(layout.planes() * cube.n * cube.n));
  together(team, [&] { read_planes<Real>(cube, layout.first_plane(), layout.planes(), planes, survey); });
  survey.join(team);
  together(team, [&] { survey.require_simulated(); });
  return {mark_of(survey), fourier.forward(std::span<const Real>(planes))};
}

template TransformedCube<float> read_transformed(const CatalogueEntry&, const SlabLayout&,
                                                 const FourierTransform<float>&);
template TransformedCube<double> read_transformed(const CatalogueEntry&, const SlabLayout&,
                                                  const FourierTransform<double>&);

}  // namespace phiscope
