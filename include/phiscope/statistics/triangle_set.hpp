#pragma once
#include <array>
#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "phiscope/grid/grid_shape.hpp"
#include "phiscope/statistics/shell.hpp"

namespace phiscope {

/// `standard`: shells without k = 0, and triangles that close exactly. `pylians`: as Pylians3 does, shells with k = 0
/// where they reach it, and triangles that close modulo N.
enum class TriangleConvention { standard, pylians };

/// What to do with triangles whose sides reach so far that on the cube's own N³ grid others, which close only modulo
/// N, would be counted with them: k1 + k2 + k3 ≥ N k_F.
enum class Aliasing {
  refuse,  ///< Error that names the first such triangle
  pad,     ///< measure them without aliasing, on a finer grid padded with zeros
  allow,   ///< count the triangles that close modulo N too, as Pylians3 does
};

/// Reads "refuse", "pad" or "allow". Throws Error with a suggestion on anything else.
Aliasing parse_aliasing(std::string_view name);

/// A family of triangles with sides k1, k2 = t k1 and an angle θ between the vectors k1 and k2, µ = −cos θ:
/// k3² = k1² + k2² − 2 µ k1 k2. The thesis' shapes are equilateral (µ = 1/2, t = 1), squeezed (µ = 0.99, t = 1) and
/// stretched (µ = 0.99, t = 0.51).
struct TriangleShape {
  std::string name;
  double mu = 0.5;
  double t = 1.0;

  /// Reads "equilateral", "squeezed" or "stretched". Throws Error with a suggestion on anything else.
  static TriangleShape named(std::string_view name);
  /// Isosceles triangles, k2 = k1, with the angle θ (radians, 0 to π) between the vectors k1 and k2.
  static TriangleShape isosceles(double theta);

  /// The length of k1 + k2 for vectors of these lengths with the angle `theta` (radians) between them, rounded as
  /// Pylians rounds it: its shells depend on the last bits.
  static double third_side(double k1, double k2, double theta);
  /// The three sides for a given k1, in its unit.
  std::array<double, 3> sides(double k1) const;
};

/// The triangles that a bispectrum is measured on: three shells each. Equal shells are kept once.
class TriangleSet {
 public:
  struct Triangle {
    std::array<std::size_t, 3> shells;
    /// What was asked for, h/Mpc: the centres of bins, or the sides of the shape.
    std::array<double, 3> sides;
    /// Which shape it belongs to (see labels()).
    std::size_t label;
  };

  /// Every triangle i ≤ j ≤ l of the bins between `edges` (h/Mpc, ascending) that is closed: whose bin centres satisfy
  /// the triangle inequality c_l ≤ c_i + c_j. Throws Error when the edges are fewer than two, do not ascend, or
  /// leave no bin.
  static TriangleSet all_closed(const GridShape& shape, std::span<const double> edges, Aliasing aliasing);

  /// The shapes at each k1 of `k` (h/Mpc), with shells [k − w/2, k + w/2), w = `width` k_F (2: Pylians' shells).
  /// `pylians` takes Pylians' own shells, whatever the width, and allows aliasing. Throws Error when a k1 is not
  /// positive.
  static TriangleSet of_shapes(const GridShape& shape, std::span<const TriangleShape> shapes, std::span<const double> k,
                               double width, TriangleConvention convention, Aliasing aliasing);

  /// An explicit list of sides (h/Mpc), with the same shells. Throws Error when a triangle does not close within the
  /// width of its shells; the message counts from 1.
  static TriangleSet of_sides(const GridShape& shape, std::span<const std::array<double, 3>> sides, double width,
                              TriangleConvention convention, Aliasing aliasing);

  /// Side lengths up to which every shape (of shells `width` k_F wide) is free of aliasing on the N³ grid, h/Mpc.
  static double largest_alias_free_k(const GridShape& shape, std::span<const TriangleShape> shapes, double width);

  const GridShape& shape() const noexcept { return shape_; }
  TriangleConvention convention() const noexcept { return convention_; }
  Aliasing aliasing() const noexcept { return aliasing_; }
  const std::vector<Shell>& shells() const noexcept { return shells_; }
  const std::vector<Triangle>& triangles() const noexcept { return triangles_; }
  std::size_t size() const noexcept { return triangles_.size(); }
  /// One name per family of triangles: "all", "list", or the shapes' names.
  const std::vector<std::string>& labels() const noexcept { return labels_; }

  /// The product grid of a triangle: the smallest convenient grid that counts what should be counted. N itself where
  /// triangles that close modulo N are wanted and can occur.
  std::int64_t product_grid(const Triangle& triangle) const;

  /// A text that names everything the counts depend on: N, the closure rule, shells and triangles.
  std::string fingerprint() const;

 private:
  TriangleSet(const GridShape& shape, TriangleConvention convention, Aliasing aliasing);
  std::size_t shell_index(const Shell& shell);
  Shell shell_about(double k, double width) const;
  void add(std::array<Shell, 3> shells, std::array<double, 3> sides, std::size_t label);
  void require_measurable(const std::array<Shell, 3>& shells, const std::array<double, 3>& sides) const;

  GridShape shape_;
  TriangleConvention convention_;
  Aliasing aliasing_;
  std::vector<Shell> shells_;
  /// Where in shells_ a shell is.
  std::map<Shell, std::size_t> places_;
  std::vector<Triangle> triangles_;
  std::vector<std::string> labels_;
};

}  // namespace phiscope
