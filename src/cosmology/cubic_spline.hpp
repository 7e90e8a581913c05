#pragma once
#include <vector>

namespace phiscope {

/// The natural cubic spline through points (x, y): twice continuously differentiable, without curvature at both ends.
class CubicSpline {
 public:
  /// Of at least two points with ascending x, as many y as x.
  CubicSpline(std::vector<double> x, std::vector<double> y);

  /// Between the first and the last x.
  double at(double x) const;

 private:
  std::vector<double> x_, y_;
  std::vector<double> curvature_;  // y″ at the points
};

}  // namespace phiscope
