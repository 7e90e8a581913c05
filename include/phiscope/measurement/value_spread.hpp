#pragma once
#include <filesystem>
#include <limits>
#include <span>

#include "phiscope/grid/grid_shape.hpp"

namespace phiscope {

/// The smallest and the largest value of a field.
struct ValueSpread {
  double lowest = std::numeric_limits<double>::infinity();
  double highest = -std::numeric_limits<double>::infinity();

  void add(std::span<const float> values) noexcept;
  void add(std::span<const double> values) noexcept;
  double width() const noexcept { return highest - lowest; }
};

/// Throws Error, with a factor that would do, when a field of these values has powers (`order` 2) or bispectra
/// (`order` 3, with the products of two powers in Q) beyond the range of double precision or so close to its lower end
/// that digits are lost, or, in single precision, values that the transform cannot hold. A constant field passes.
void require_representable(const std::filesystem::path& file, const ValueSpread& spread, const GridShape& shape,
                           int order, bool single_precision);

}  // namespace phiscope
