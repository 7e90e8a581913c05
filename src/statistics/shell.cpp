#include "phiscope/statistics/shell.hpp"

#include <algorithm>
#include <cmath>

#include "integer_root.hpp"
#include "phiscope/grid/squared_edge.hpp"

namespace phiscope {
namespace {

/// Beyond every mode of the largest cube (32768³ cells); its square is far from the end of the integers.
constexpr double farthest = 1e6;

}  // namespace

Shell Shell::between(double low_edge, double high_edge) {
  const auto first_from = [](double edge) {
    return static_cast<std::int64_t>(std::ceil(squared_edge(std::min(edge, farthest))));
  };
  return {std::max<std::int64_t>(1, first_from(low_edge)), first_from(high_edge)};
}

Shell Shell::pylians(const GridShape& shape, double k) {
  const double k_f = shape.fundamental();
  // The smallest |n|² whose root is not below the edge, as doubles compare.
  const auto first_from = [](double edge) {
    if (!(edge > 0.0)) return std::int64_t{0};
    edge = std::min(edge, farthest);
    auto squared = std::max<std::int64_t>(0, static_cast<std::int64_t>(edge * edge) - 2);
    while (std::sqrt(static_cast<double>(squared)) < edge) ++squared;
    return squared;
  };
  return {first_from((k - k_f) / k_f), first_from((k + k_f) / k_f)};
}

std::int64_t Shell::reach() const noexcept {
  return integer_root(high - 1);
}

}  // namespace phiscope
