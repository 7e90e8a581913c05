#include "phiscope/statistics/triangle_set.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "phiscope/base/error.hpp"
#include "phiscope/base/suggestion.hpp"

namespace phiscope {
namespace {

constexpr double tolerance = 1e-9;

[[noreturn]] void fail_unknown(std::string_view found, const char* what, std::span<const std::string> names) {
  const std::string near = nearest_word(found, names);
  fail("'{}' is not {}: use {}{}", found, what, fmt::join(names, ", "),
       near.empty() ? std::string() : " (did you mean '" + near + "'?)");
}

/// The largest possible |n1| + |n2| + |n3|, in units of k_F.
double perimeter(const std::array<Shell, 3>& shells) {
  double sum = 0.0;
  for (const auto& shell : shells) sum += std::sqrt(static_cast<double>(shell.high - 1));
  return sum;
}

/// Whether a mode of the shell can lie at or beyond the Nyquist frequency of an axis, where n and −n are one mode.
bool reaches_nyquist(const Shell& shell, std::int64_t n) {
  return 2 * shell.reach() >= n;
}

/// The grid of at least `smallest` points per side that is the fastest to transform: 2^a times 1, 3, 5 or 15.
std::int64_t convenient_size(std::int64_t smallest) {
  std::int64_t best = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t odd : {1, 3, 5, 15}) {
    std::int64_t size = 4 * odd;
    while (size < smallest) size *= 2;
    best = std::min(best, size);
  }
  return best;
}

}  // namespace

Aliasing parse_aliasing(std::string_view name) {
  static const std::array<std::string, 3> names{"refuse", "pad", "allow"};
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<Aliasing>(i);
  fail_unknown(name, "a way to treat aliasing", names);
}

TriangleShape TriangleShape::named(std::string_view name) {
  static const std::array<std::string, 3> names{"equilateral", "squeezed", "stretched"};
  if (name == names[0]) return {names[0], 0.5, 1.0};
  if (name == names[1]) return {names[1], 0.99, 1.0};
  if (name == names[2]) return {names[2], 0.99, 0.51};
  fail_unknown(name, "a triangle shape", names);
}

TriangleShape TriangleShape::isosceles(double theta) {
  if (!std::isfinite(theta) || theta < 0.0 || theta > std::numbers::pi)
    fail("the angle of an isosceles triangle is {} rad, expected 0 to π", theta);
  return {fmt::format("isosceles θ={:.6g}", theta), -std::cos(theta), 1.0};
}

double TriangleShape::third_side(double k1, double k2, double theta) {
  const double across = k2 * std::sin(theta);
  const double along = k2 * std::cos(theta) + k1;
  return std::sqrt(across * across + along * along);
}

std::array<double, 3> TriangleShape::sides(double k1) const {
  return {k1, t * k1, third_side(k1, t * k1, std::acos(-mu))};
}

TriangleSet::TriangleSet(const GridShape& shape, TriangleConvention convention, Aliasing aliasing)
    : shape_(shape),
      convention_(convention),
      aliasing_(convention == TriangleConvention::pylians ? Aliasing::allow : aliasing) {}

TriangleSet TriangleSet::all_closed(const GridShape& shape, std::span<const double> edges, Aliasing aliasing) {
  if (edges.size() < 2) fail("{} bin edges leave no bin: give two or more, in h/Mpc", edges.size());
  for (std::size_t i = 0; i < edges.size(); ++i)
    if (!std::isfinite(edges[i]) || edges[i] < 0.0 || (i > 0 && edges[i] <= edges[i - 1]))
      fail("bin edges must ascend from 0 or more: edge {} is {} h/Mpc", i, edges[i]);
  TriangleSet set(shape, TriangleConvention::standard, aliasing);
  set.labels_ = {"all"};
  const double k_f = shape.fundamental();
  const auto bin = [&](std::size_t i) { return Shell::between(edges[i] / k_f, edges[i + 1] / k_f); };
  const auto centre = [&](std::size_t i) { return 0.5 * (edges[i] + edges[i + 1]); };
  const std::size_t bins = edges.size() - 1;
  for (std::size_t i = 0; i < bins; ++i)
    for (std::size_t j = i; j < bins; ++j)
      for (std::size_t l = j; l < bins && centre(l) <= (centre(i) + centre(j)) * (1.0 + tolerance); ++l)
        set.add({bin(i), bin(j), bin(l)}, {centre(i), centre(j), centre(l)}, 0);
  return set;
}

TriangleSet TriangleSet::of_shapes(const GridShape& shape, std::span<const TriangleShape> shapes,
                                   std::span<const double> k, double width, TriangleConvention convention,
                                   Aliasing aliasing) {
  TriangleSet set(shape, convention, aliasing);
  for (const auto& family : shapes) {
    for (const double k1 : k) {
      if (!std::isfinite(k1) || k1 <= 0.0) fail("a triangle has a side of {} h/Mpc, expected a positive number", k1);
      const auto sides = family.sides(k1);
      set.add({set.shell_about(sides[0], width), set.shell_about(sides[1], width), set.shell_about(sides[2], width)},
              sides, set.labels_.size());
    }
    set.labels_.push_back(family.name);
  }
  if (set.triangles_.empty()) fail("no shape or no k was given: there is no triangle to measure");
  return set;
}

TriangleSet TriangleSet::of_sides(const GridShape& shape, std::span<const std::array<double, 3>> sides, double width,
                                  TriangleConvention convention, Aliasing aliasing) {
  TriangleSet set(shape, convention, aliasing);
  set.labels_ = {"list"};
  for (std::size_t i = 0; i < sides.size(); ++i) {
    auto sorted = sides[i];
    std::sort(sorted.begin(), sorted.end());
    if (!std::isfinite(sorted[2]) || !(sorted[0] > 0.0))
      fail("triangle {}: its sides are {:.6g}, {:.6g}, {:.6g} h/Mpc, expected positive numbers", i + 1, sides[i][0],
           sides[i][1], sides[i][2]);
    if (sorted[2] > sorted[0] + sorted[1] + 1.5 * width * shape.fundamental())
      fail(
          "triangle {}: {:.6g}, {:.6g}, {:.6g} h/Mpc do not close: the longest side is longer than the others together",
          i + 1, sides[i][0], sides[i][1], sides[i][2]);
    set.add(
        {set.shell_about(sides[i][0], width), set.shell_about(sides[i][1], width), set.shell_about(sides[i][2], width)},
        sides[i], 0);
  }
  if (set.triangles_.empty()) fail("the list of triangles is empty");
  return set;
}

double TriangleSet::largest_alias_free_k(const GridShape& shape, std::span<const TriangleShape> shapes, double width) {
  const double k_f = shape.fundamental();
  double largest = shape.nyquist();
  for (const auto& family : shapes) {
    const auto unit = family.sides(1.0);
    const double sum = unit[0] + unit[1] + unit[2];
    const double longest = std::max({unit[0], unit[1], unit[2]});
    const double half = 0.5 * width * k_f;
    const auto n = static_cast<double>(shape.n);
    largest = std::min({largest, (n * k_f - 3.0 * half) / sum, (shape.nyquist() - half) / longest});
  }
  // A hair below, so that rounding leaves the last triangle on the good side.
  return largest * (1.0 - tolerance);
}

Shell TriangleSet::shell_about(double k, double width) const {
  if (convention_ == TriangleConvention::pylians) return Shell::pylians(shape_, k);
  if (!std::isfinite(width) || width <= 0.0) fail("shells are {} k_F wide, expected a positive number", width);
  const double n = k / shape_.fundamental();
  return Shell::between(n - 0.5 * width, n + 0.5 * width);
}

std::size_t TriangleSet::shell_index(const Shell& shell) {
  const auto [entry, is_new] = places_.try_emplace(shell, shells_.size());
  if (is_new) shells_.push_back(shell);
  return entry->second;
}

void TriangleSet::add(std::array<Shell, 3> shells, std::array<double, 3> sides, std::size_t label) {
  require_measurable(shells, sides);
  triangles_.push_back({{shell_index(shells[0]), shell_index(shells[1]), shell_index(shells[2])}, sides, label});
}

void TriangleSet::require_measurable(const std::array<Shell, 3>& shells, const std::array<double, 3>& sides) const {
  const double k_f = shape_.fundamental();
  for (std::size_t i = 0; i < 3; ++i)
    if (shells[i].high - 1 > shape_.largest_squared_mode() && shells[i].low > shape_.largest_squared_mode())
      fail("a triangle has a side of {:.6g} h/Mpc, beyond every mode of a cube of {}³ cells in {} Mpc/h (up to {:.6g})",
           sides[i], shape_.n, shape_.box_size, std::sqrt(static_cast<double>(shape_.largest_squared_mode())) * k_f);
  if (aliasing_ == Aliasing::allow) return;
  for (std::size_t i = 0; i < 3; ++i)
    if (reaches_nyquist(shells[i], shape_.n))
      fail(
          "the triangle {:.6g}, {:.6g}, {:.6g} h/Mpc has a shell that reaches the Nyquist frequency {:.6g} h/Mpc of a "
          "cube of {}³ cells in {} Mpc/h, where waves are ambiguous: keep the shells below it, or allow aliasing",
          sides[0], sides[1], sides[2], shape_.nyquist(), shape_.n, shape_.box_size);
  if (aliasing_ == Aliasing::refuse && perimeter(shells) >= static_cast<double>(shape_.n))
    fail(
        "the triangle {:.6g}, {:.6g}, {:.6g} h/Mpc cannot be measured without aliasing on a grid of {}³ cells in {} "
        "Mpc/h: its shells reach k1 + k2 + k3 = {:.6g} h/Mpc, and {} k_F = {:.6g} h/Mpc is where triangles that close "
        "only modulo the grid come in; keep the sides smaller, pad the grid (aliasing: pad), or allow aliasing "
        "(aliasing: allow)",
        sides[0], sides[1], sides[2], shape_.n, shape_.box_size, perimeter(shells) * k_f, shape_.n,
        static_cast<double>(shape_.n) * k_f);
}

std::int64_t TriangleSet::product_grid(const Triangle& triangle) const {
  const std::array<Shell, 3> shells{shells_[triangle.shells[0]], shells_[triangle.shells[1]],
                                    shells_[triangle.shells[2]]};
  const double reach = perimeter(shells);
  const bool wraps = aliasing_ == Aliasing::allow &&
                     (reach >= static_cast<double>(shape_.n) ||
                      std::any_of(shells.begin(), shells.end(), [&](auto& s) { return reaches_nyquist(s, shape_.n); }));
  if (wraps) return shape_.n;
  return convenient_size(static_cast<std::int64_t>(reach) + 1);
}

std::string TriangleSet::fingerprint() const {
  std::string text =
      fmt::format("grid {} closure {}\nshells", shape_.n, aliasing_ == Aliasing::allow ? "modulo the grid" : "exact");
  for (const auto& shell : shells_) text += fmt::format(" {}-{}", shell.low, shell.high);
  text += "\ntriangles";
  for (const auto& triangle : triangles_)
    text += fmt::format(" {}-{}-{}", triangle.shells[0], triangle.shells[1], triangle.shells[2]);
  return text + "\n";
}

}  // namespace phiscope
