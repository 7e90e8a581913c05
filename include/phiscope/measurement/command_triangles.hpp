#pragma once
#include "phiscope/grid/grid_shape.hpp"
#include "phiscope/measurement/measure_settings.hpp"
#include "phiscope/statistics/triangle_set.hpp"

namespace phiscope {

/// The triangles of a one-off command for cubes of this shape. What the settings leave open depends on the cube alone,
/// and not, as in a study, on how its simulation began:
/// shapes: k1 from k_F to the Nyquist frequency (pylians), or to the largest k free of aliasing, which the log says;
/// all closed triangles: bins centred on multiples of their width (or from k_min on), up to k_max or N k_F/3, below
/// which no triangle aliases.
/// Throws Error when nothing is left between k_min and k_max, or a triangle is impossible on this grid.
TriangleSet command_triangles(const BispectrumSettings& settings, const GridShape& shape);

}  // namespace phiscope
