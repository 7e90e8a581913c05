#include "phiscope/measurement/measure_settings.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "phiscope/base/error.hpp"
#include "phiscope/measurement/triangle_file.hpp"
#include "phiscope/statistics/initial_power_limit.hpp"
#include "triangle_memory.hpp"

namespace phiscope {
namespace {

const char* const isosceles = "isosceles";

void check_shapes(const BispectrumSettings& s) {
  if (s.shapes.empty()) fail("measure.bispectrum.shapes is empty, expected shapes for measure.bispectrum.triangles");
  const bool has_isosceles = std::find(s.shapes.begin(), s.shapes.end(), isosceles) != s.shapes.end();
  if (has_isosceles && s.angles.empty())
    fail(
        "measure.bispectrum.shapes lists isosceles, but measure.bispectrum.angles is empty: list the angles in "
        "radians");
  for (auto shape = s.shapes.begin(); shape != s.shapes.end(); ++shape)
    if (std::find(s.shapes.begin(), shape, *shape) != shape)
      fail("measure.bispectrum.shapes lists {} twice: list each shape once", *shape);
  if (!has_isosceles && !s.angles.empty())
    fail("measure.bispectrum.angles lists angles, but measure.bispectrum.shapes does not list isosceles");
  if (s.k_min && s.k_max && *s.k_min > *s.k_max)
    fail("measure.bispectrum.k_min is {} h/Mpc, above measure.bispectrum.k_max {}", *s.k_min, *s.k_max);
}

/// The largest k1 for which no shell of a shape leaves the modes that the simulation began with, and none aliases
/// where that is not wanted.
double default_largest_k(const BispectrumSettings& s, const GridShape& shape,
                         const std::vector<TriangleShape>& shapes) {
  const bool pylians = s.convention == TriangleConvention::pylians;
  const double half_width = pylians ? 1.0 : 0.5 * s.bin_width;
  const double limit = initial_power_limit(shape) - half_width * shape.fundamental();
  double largest = limit;
  for (const auto& each : shapes) {
    const auto sides = each.sides(1.0);
    largest = std::min(largest, limit / *std::max_element(sides.begin(), sides.end()));
  }
  if (pylians || s.aliasing != Aliasing::refuse) return largest;
  return std::min(largest, TriangleSet::largest_alias_free_k(shape, shapes, s.bin_width));
}

std::vector<double> regular_steps(double first, double last, double step) {
  const double steps = std::floor((last - first) / step);
  if (!(steps < most_k_steps))
    fail(
        "there would be {:.6g} steps of k1 from {:.6g} to {:.6g} h/Mpc, {:.6g} apart, and {} at most can be measured: "
        "widen bin_width, or set k_steps",
        steps + 1.0, first, last, step, most_k_steps);
  std::vector<double> k;
  for (double i = 0.0; first + i * step <= last * (1.0 + 1e-9); i += 1.0) k.push_back(first + i * step);
  return k;
}

/// Both ends among them; a single step is the first.
std::vector<double> steps_of_equal_ratio(double first, double last, int count) {
  std::vector<double> k{first};
  for (int i = 1; i < count; ++i) k.push_back(first * std::pow(last / first, static_cast<double>(i) / (count - 1)));
  if (count > 1) k.back() = last;
  return k;
}

TriangleSet set_of_shapes(const BispectrumSettings& s, const GridShape& shape) {
  const auto shapes = shapes_of(s);
  const double first = s.k_min.value_or(shape.fundamental() * (s.k_steps == 0 ? s.bin_width : 1.0));
  const double last = s.k_max.value_or(default_largest_k(s, shape, shapes));
  if (first > last)
    fail("measure.bispectrum.k_min is {} h/Mpc, but the largest k1 of these shapes is {} h/Mpc", first, last);
  const auto k = s.k_steps == 0 ? regular_steps(first, last, s.bin_width * shape.fundamental())
                                : steps_of_equal_ratio(first, last, s.k_steps);
  return TriangleSet::of_shapes(shape, shapes, k, s.bin_width, s.convention, s.aliasing);
}

/// Bins of equal width centred on multiples of it, so that the first begins half a width above 0.
std::vector<double> regular_edges(const BispectrumSettings& s, const GridShape& shape) {
  const double k_f = shape.fundamental(), width = s.bin_width * k_f;
  const double alias_free = static_cast<double>(shape.n) / 3.0 * k_f;
  const double largest = s.k_max.value_or(
      s.aliasing == Aliasing::refuse ? std::min(alias_free, initial_power_limit(shape)) : initial_power_limit(shape));
  require_measurable_bins(0.0, largest, width);
  std::vector<double> edges;
  for (double i = 0.5; i * width <= largest * (1.0 + 1e-9); i += 1.0) edges.push_back(i * width);
  return edges;
}

TriangleSet chosen_set(const BispectrumSettings& s, const GridShape& shape) {
  require_within_cube(s, shape);
  if (s.triangles == Triangles::shapes) return set_of_shapes(s, shape);
  if (s.triangles == Triangles::all) {
    const auto edges = s.edges.empty() ? regular_edges(s, shape) : s.edges;
    require_measurable_triangles(edges);
    return TriangleSet::all_closed(shape, edges, s.aliasing);
  }
  return TriangleSet::of_sides(shape, read_triangle_file(s.file, shape), s.bin_width, s.convention, s.aliasing);
}

}  // namespace

std::vector<TriangleShape> shapes_of(const BispectrumSettings& s) {
  std::vector<TriangleShape> shapes;
  for (const auto& name : s.shapes) {
    if (name == isosceles)
      for (const double angle : s.angles) shapes.push_back(TriangleShape::isosceles(angle));
    else
      shapes.push_back(TriangleShape::named(name));
  }
  return shapes;
}

void require_within_cube(const BispectrumSettings& settings, const GridShape& shape) {
  const double k_f = shape.fundamental();
  const double corner = std::sqrt(static_cast<double>(shape.largest_squared_mode())) * k_f;
  const auto require = [&](const char* name, const std::optional<double>& k) {
    if (k && !(*k <= corner + settings.bin_width * k_f))
      fail(
          "{} is {:.6g} h/Mpc, beyond every mode of a cube of {}³ cells in {} Mpc/h: the largest |k|, in the corner, "
          "is {:.6g} h/Mpc (k_N = {:.6g})",
          name, *k, shape.n, shape.box_size, corner, shape.nyquist());
  };
  require("k_min", settings.k_min);
  require("k_max", settings.k_max);
}

void require_measurable_bins(double first, double last, double width) {
  constexpr double most_bins = 1000;
  const double bins = std::floor((last - first) / width);
  if (!(bins <= most_bins))
    fail(
        "there would be {:.6g} bins from {:.6g} to {:.6g} h/Mpc, {:.6g} wide, and {} at most can be measured with all "
        "their triangles: make them wider",
        bins, first, last, width, most_bins);
}

void check_measure_settings(const MeasureSettings& settings) {
  const PowerSettings& power = settings.power;
  if (power.spacing == BinSpacing::edges && power.edges.size() < 2)
    fail("measure.power.spacing is edges, but measure.power.edges lists {}: list two or more, in h/Mpc",
         power.edges.size());
  if (power.spacing != BinSpacing::edges && !power.edges.empty())
    fail("measure.power.edges lists edges, but measure.power.spacing is not edges");
  if (power.convention == PowerConvention::pylians && power.spacing != BinSpacing::linear)
    fail("measure.power.convention pylians has bins of its own: measure.power.spacing must be linear");
  const BispectrumSettings& bispectrum = settings.bispectrum;
  if (bispectrum.triangles == Triangles::shapes) check_shapes(bispectrum);
  if (bispectrum.triangles != Triangles::all && !bispectrum.edges.empty())
    fail("measure.bispectrum.edges lists edges, but measure.bispectrum.triangles is not all");
  if (bispectrum.triangles == Triangles::all && bispectrum.convention == TriangleConvention::pylians)
    fail("measure.bispectrum.triangles all has no pylians convention: take shapes or file, or the default convention");
  if (bispectrum.triangles == Triangles::file && bispectrum.file.empty())
    fail("measure.bispectrum.triangles is file, but measure.bispectrum.file is missing: a CSV file with k1,k2,k3");
  if (bispectrum.triangles != Triangles::file && !bispectrum.file.empty())
    fail("measure.bispectrum.file is given, but measure.bispectrum.triangles is not file");
}

PowerOptions power_options(const PowerSettings& settings, const GridShape& shape) {
  PowerOptions options;
  options.convention = settings.convention;
  options.window = settings.window;
  options.multipole_axis = settings.multipoles;
  options.bins.spacing = settings.spacing;
  options.bins.width = settings.bin_width;
  options.bins.per_decade = settings.per_decade;
  options.bins.edges = settings.edges;
  const bool logarithmic = settings.spacing == BinSpacing::logarithmic;
  options.bins.first_edge = settings.first_edge.value_or(logarithmic ? 1.0 : settings.bin_width / 2);
  // Edges that were asked for are kept, whatever lies between them.
  if (settings.k_max || settings.spacing != BinSpacing::edges)
    options.k_max = settings.k_max.value_or(initial_power_limit(shape));
  try {
    if (options.convention == PowerConvention::pylians)
      (void)ModeBins::pylians(shape, options.k_max);
    else
      (void)ModeBins::lay(shape, options.bins, options.k_max);
  } catch (const Error& problem) {
    fail("measure.power: {} (k_max {} h/Mpc, bin_width {} k_F)", problem.what(),
         options.k_max ? fmt::format("{:.6g}", *options.k_max) : "none", options.bins.width);
  }
  return options;
}

std::optional<TriangleSet> triangle_set(const BispectrumSettings& settings, const GridShape& shape) {
  if (settings.triangles == Triangles::none) return std::nullopt;
  try {
    auto set = chosen_set(settings, shape);
    if (set.size() == 0) fail("no triangle is left; widen measure.bispectrum.edges or k_max");
    return set;
  } catch (const Error& problem) {
    fail("measure.bispectrum: {}", problem.what());
  }
}

}  // namespace phiscope
