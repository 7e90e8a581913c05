#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "phiscope/grid/grid_shape.hpp"
#include "phiscope/statistics/power_spectrum.hpp"
#include "phiscope/statistics/triangle_set.hpp"

namespace phiscope {

enum class Precision { single_precision, double_precision };

/// Which triangles a study's bispectrum is measured on.
enum class Triangles { none, shapes, all, file };

/// The settings under `measure.power`.
struct PowerSettings {
  PowerConvention convention = PowerConvention::standard;
  Window window = Window::none;
  BinSpacing spacing = BinSpacing::linear;
  double bin_width = 1.0;            ///< k_F
  std::optional<double> first_edge;  ///< k_F
  double per_decade = 10.0;
  std::vector<double> edges;    ///< h/Mpc
  std::optional<double> k_max;  ///< h/Mpc
  std::optional<int> multipoles;
};

/// The settings under `measure.bispectrum`.
struct BispectrumSettings {
  Triangles triangles = Triangles::none;
  std::vector<std::string> shapes{"equilateral", "squeezed", "stretched"};
  std::vector<double> angles;  ///< radians
  int k_steps = 0;
  std::optional<double> k_min, k_max;  ///< h/Mpc
  double bin_width = 2.0;              ///< k_F
  std::vector<double> edges;           ///< h/Mpc
  std::filesystem::path file;
  TriangleConvention convention = TriangleConvention::standard;
  Aliasing aliasing = Aliasing::refuse;
};

/// The settings under `measure`.
struct MeasureSettings {
  int ranks_per_cube = 1;
  Precision precision = Precision::double_precision;
  PowerSettings power;
  BispectrumSettings bispectrum;
};

/// k1 of the shapes of one measurement, at most.
inline constexpr int most_k_steps = 10000;

/// Throws Error when k_min or k_max lies so far beyond the corner of the cube's modes that no shell there holds any.
void require_within_cube(const BispectrumSettings& settings, const GridShape& shape);

/// Throws Error unless the bins (of one width, from `first` to `last` h/Mpc) are few enough for all their triangles to
/// be measured.
void require_measurable_bins(double first, double last, double width);

/// Throws Error where settings contradict each other whatever the cubes are: edges that nothing uses or that are
/// missing, angles without isosceles triangles, no shape, no file.
void check_measure_settings(const MeasureSettings& settings);

/// How the power spectra of cubes of this shape are measured. Throws Error when that has no meaning.
PowerOptions power_options(const PowerSettings& settings, const GridShape& shape);

/// The triangles for cubes of this shape, none where none are asked for. Throws Error naming the setting when they are
/// impossible: triangles that do not close, alias, or reach beyond the modes of the cube.
std::optional<TriangleSet> triangle_set(const BispectrumSettings& settings, const GridShape& shape);

/// The families of triangles that the settings name, isosceles once for each angle. Throws Error for an unknown name.
std::vector<TriangleShape> shapes_of(const BispectrumSettings& settings);

}  // namespace phiscope
