#pragma once
#include <cstdint>

#include "lanes.hpp"

namespace phiscope::neural::winograd {

// Winograd's minimal filtering F(4×4, 3×3) (Lavin & Gray 2016, arXiv:1509.09308; Toom–Cook interpolation at the points
// 0, ±a, ±b, ∞): 16 outputs of a 3×3 correlation from a 6×6 patch cost 36 products per pair of channels instead of 144.
// The points 5/8 and 3/2 and their squares are exact in binary, and lose fewer digits than the textbook's 1 and 2.
constexpr float a = 0.625F, b = 1.5F;
constexpr float a2 = a * a, b2 = b * b, a3 = a2 * a, b3 = b2 * b;
constexpr float product = a2 * b2, sum = a2 + b2;
constexpr float weight_zero = 1.0F / (a2 * b2);
constexpr float weight_a = 1.0F / (2.0F * a2 * (a2 - b2));
constexpr float weight_b = 1.0F / (2.0F * b2 * (b2 - a2));

constexpr std::int64_t tile = 4;       ///< outputs of one tile along a side
constexpr std::int64_t patch = 6;      ///< inputs of one tile along a side
constexpr std::int64_t products = 36;  ///< patch²

/// Inputs d along one extent to the six points.
template <class Vector>
inline void transform_input(const Vector (&d)[6], Vector (&v)[6]) {
  const Vector even_a = d[4] - b2 * d[2];
  const Vector odd_a = d[3] - b2 * d[1];
  const Vector even_b = d[4] - a2 * d[2];
  const Vector odd_b = d[3] - a2 * d[1];
  v[0] = product * d[0] + (d[4] - sum * d[2]);
  v[1] = even_a + a * odd_a;
  v[2] = even_a - a * odd_a;
  v[3] = even_b + b * odd_b;
  v[4] = even_b - b * odd_b;
  v[5] = product * d[1] + (d[5] - sum * d[3]);
}

/// Products at the six points to the four outputs.
template <class Vector>
inline void transform_output(const Vector (&m)[6], Vector (&y)[4]) {
  const Vector even_a = m[1] + m[2];
  const Vector odd_a = m[1] - m[2];
  const Vector even_b = m[3] + m[4];
  const Vector odd_b = m[3] - m[4];
  y[0] = m[0] + even_a + even_b;
  y[1] = a * odd_a + b * odd_b;
  y[2] = a2 * even_a + b2 * even_b;
  y[3] = a3 * odd_a + b3 * odd_b + m[5];
}

/// The transpose of transform_output: gradients of the outputs to the six points.
template <class Vector>
inline void transform_output_gradient(const Vector (&y)[4], Vector (&e)[6]) {
  const Vector even_a = y[0] + a2 * y[2];
  const Vector odd_a = a * y[1] + a3 * y[3];
  const Vector even_b = y[0] + b2 * y[2];
  const Vector odd_b = b * y[1] + b3 * y[3];
  e[0] = y[0];
  e[1] = even_a + odd_a;
  e[2] = even_a - odd_a;
  e[3] = even_b + odd_b;
  e[4] = even_b - odd_b;
  e[5] = y[3];
}

/// The three weights along one extent to the six points.
template <class Vector>
inline void transform_weights(const Vector (&w)[3], Vector (&u)[6]) {
  const Vector even_a = weight_a * (w[0] + a2 * w[2]);
  const Vector odd_a = (weight_a * a) * w[1];
  const Vector even_b = weight_b * (w[0] + b2 * w[2]);
  const Vector odd_b = (weight_b * b) * w[1];
  u[0] = weight_zero * w[0];
  u[1] = even_a + odd_a;
  u[2] = even_a - odd_a;
  u[3] = even_b + odd_b;
  u[4] = even_b - odd_b;
  u[5] = w[2];
}

/// The transpose of transform_weights.
template <class Vector>
inline void transform_weights_gradient(const Vector (&s)[6], Vector (&w)[3]) {
  const Vector even_a = weight_a * (s[1] + s[2]);
  const Vector odd_a = weight_a * (s[1] - s[2]);
  const Vector even_b = weight_b * (s[3] + s[4]);
  const Vector odd_b = weight_b * (s[3] - s[4]);
  w[0] = weight_zero * s[0] + even_a + even_b;
  w[1] = a * odd_a + b * odd_b;
  w[2] = a2 * even_a + b2 * even_b + s[5];
}

}  // namespace phiscope::neural::winograd
