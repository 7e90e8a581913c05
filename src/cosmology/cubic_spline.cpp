#include "cubic_spline.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <utility>

namespace phiscope {

/// The curvatures solve a tridiagonal system (Press et al., Numerical Recipes, section 3.3), by elimination and back
/// substitution.
CubicSpline::CubicSpline(std::vector<double> x, std::vector<double> y)
    : x_(std::move(x)), y_(std::move(y)), curvature_(x_.size(), 0.0) {
  assert(x_.size() >= 2 && x_.size() == y_.size());
  std::vector<double> above(x_.size(), 0.0);
  for (std::size_t i = 1; i + 1 < x_.size(); ++i) {
    const double left = x_[i] - x_[i - 1];
    const double right = x_[i + 1] - x_[i];
    const double bend = (y_[i + 1] - y_[i]) / right - (y_[i] - y_[i - 1]) / left;
    const double pivot = (left + right) / 3.0 - left / 6.0 * above[i - 1];
    above[i] = right / 6.0 / pivot;
    curvature_[i] = (bend - left / 6.0 * curvature_[i - 1]) / pivot;
  }
  for (std::size_t i = x_.size() - 1; i-- > 1;) curvature_[i] -= above[i] * curvature_[i + 1];
}

double CubicSpline::at(double x) const {
  assert(x >= x_.front() && x <= x_.back());
  const auto above = std::upper_bound(x_.begin() + 1, x_.end() - 1, x);
  const auto i = static_cast<std::size_t>(above - x_.begin());
  const double width = x_[i] - x_[i - 1];
  const double b = (x - x_[i - 1]) / width;
  const double a = 1.0 - b;
  return a * y_[i - 1] + b * y_[i] +
         ((a * a * a - a) * curvature_[i - 1] + (b * b * b - b) * curvature_[i]) * width * width / 6.0;
}

}  // namespace phiscope
