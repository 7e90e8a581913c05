#pragma once
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace phiscope {

/// What each value of a map or cube becomes by itself.
struct CellTransform {
  enum class Kind {
    none,
    log10,
    log1p,  ///< ln(1 + x): of an overdensity, which begins at −1
    asinh   ///< asinh(x/scale): linear below the scale, logarithmic beyond it, of either sign
  };
  Kind kind = Kind::none;
  double scale = 1.0;  ///< of asinh

  /// In place. Throws Error, beginning with place(i), for a value i that has none: one that is not finite, or a
  /// logarithm of zero or less.
  void apply(std::span<float> values, const std::function<std::string(std::size_t)>& place) const;
};

const std::vector<std::pair<std::string, CellTransform::Kind>>& cell_transform_names();

}  // namespace phiscope
