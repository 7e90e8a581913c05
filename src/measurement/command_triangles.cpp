#include "phiscope/measurement/command_triangles.hpp"

#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "option_names.hpp"
#include "phiscope/base/error.hpp"
#include "phiscope/base/log.hpp"
#include "phiscope/measurement/triangle_file.hpp"
#include "triangle_memory.hpp"

namespace phiscope {
namespace {

double default_largest_k(const BispectrumSettings& settings, const GridShape& shape,
                         const std::vector<TriangleShape>& shapes) {
  if (settings.convention == TriangleConvention::pylians) return shape.nyquist();
  const double largest = TriangleSet::largest_alias_free_k(shape, shapes, settings.bin_width);
  log::info("k1 up to {:.6g} h/Mpc, the largest without aliasing on {}³ cells for these shapes (--kmax says another)",
            largest, shape.n);
  return largest;
}

/// Equal ratios; the ends are what was asked for to the last bit, on which Pylians' shells depend.
std::vector<double> logarithmic_steps(double first, double last, std::size_t count) {
  std::vector<double> steps(count, first);
  for (std::size_t i = 1; i < count; ++i)
    steps[i] = first * std::pow(last / first, static_cast<double>(i) / static_cast<double>(count - 1));
  if (count > 1) steps.back() = last;
  return steps;
}

TriangleSet set_of_shapes(const BispectrumSettings& settings, const GridShape& shape) {
  const auto shapes = shapes_of(settings);
  const double first = settings.k_min.value_or(shape.fundamental());
  const double last = settings.k_max ? *settings.k_max : default_largest_k(settings, shape, shapes);
  if (first > last)
    fail("no k1 lies between {:.6g} and {:.6g} h/Mpc (k_F = {:.6g}, k_N = {:.6g} h/Mpc): give --kmin and --kmax", first,
         last, shape.fundamental(), shape.nyquist());
  const auto steps = logarithmic_steps(first, last, static_cast<std::size_t>(settings.k_steps));
  return TriangleSet::of_shapes(shape, shapes, steps, settings.bin_width, settings.convention, settings.aliasing);
}

std::vector<double> regular_edges(const BispectrumSettings& settings, const GridShape& shape) {
  const double width = settings.bin_width * shape.fundamental();
  const double first = settings.k_min.value_or(0.5 * width);
  const double last = settings.k_max.value_or(static_cast<double>(shape.n) * shape.fundamental() / 3.0);
  require_measurable_bins(first, last, width);
  const double bins = std::floor((last - first) / width * (1.0 + 1e-9));
  if (!(bins >= 1.0))
    fail("no bin {} k_F = {:.6g} h/Mpc wide lies between {:.6g} and {:.6g} h/Mpc", settings.bin_width, width, first,
         last);
  std::vector<double> edges;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(bins); ++i)
    edges.push_back(first + static_cast<double>(i) * width);
  return edges;
}

TriangleSet chosen_triangles(const BispectrumSettings& settings, const GridShape& shape) {
  require_within_cube(settings, shape);
  if (settings.triangles == Triangles::shapes) return set_of_shapes(settings, shape);
  if (settings.triangles == Triangles::all) {
    const auto edges = settings.edges.empty() ? regular_edges(settings, shape) : settings.edges;
    require_measurable_triangles(edges);
    return TriangleSet::all_closed(shape, edges, settings.aliasing);
  }
  return TriangleSet::of_sides(shape, read_triangle_file(settings.file, shape), settings.bin_width, settings.convention,
                               settings.aliasing);
}

}  // namespace

TriangleSet command_triangles(const BispectrumSettings& settings, const GridShape& shape) {
  const std::string subject = settings.triangles == Triangles::shapes ? "--shapes"
                              : settings.triangles == Triangles::all  ? "--triangles all"
                                                                      : settings.file.string();
  std::optional<TriangleSet> set;
  speaking_of_options(subject, [&] { set = chosen_triangles(settings, shape); });
  return *std::move(set);
}

}  // namespace phiscope
