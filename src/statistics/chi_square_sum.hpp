#pragma once
#include <span>

namespace phiscope {

/// weight · χ² with this many degrees of freedom (any positive number).
struct ChiSquareTerm {
  double weight, degrees;
};

/// The probability that the sum of independent terms exceeds x: Imhof 1961 (Biometrika 48, 419), eq. 3.2, to about
/// 1e-6. Terms of weight zero count nothing; without any other the sum is zero.
double probability_above(std::span<const ChiSquareTerm> terms, double x);

}  // namespace phiscope
