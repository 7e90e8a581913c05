#pragma once
#include <span>

namespace phiscope {

/// weight · χ² with this many degrees of freedom (any positive number).
struct ChiSquareTerm {
  double weight, degrees;
};

/// The probability that the sum of independent terms exceeds x, to 1e-6: Imhof 1961 (Biometrika 48, 419), eq. 3.2.
/// Terms of weight zero count nothing; without any other the sum is zero. Throws Error when a number is not finite, or
/// the integral cannot be found (a sum over less than about one degree of freedom, with weights of both signs).
double probability_above(std::span<const ChiSquareTerm> terms, double x);

}  // namespace phiscope
