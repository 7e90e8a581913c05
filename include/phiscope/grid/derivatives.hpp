#pragma once
#include "phiscope/grid/spectral_field.hpp"

namespace phiscope {

/// ∇²φ in Fourier space: the coefficients times −k², k in h/Mpc (so the result carries (h/Mpc)²).
template <class Real>
SpectralField<Real> laplacian(SpectralField<Real> field);

/// ∂φ/∂x_axis in Fourier space: the coefficients times i k_axis, k in h/Mpc, axis 0, 1 or 2. For even n the Nyquist
/// component of that axis is set to zero: an odd derivative of it is not defined on the grid, and i k_N φ would not be
/// the transform of a real field. Throws Error on another axis.
template <class Real>
SpectralField<Real> gradient(SpectralField<Real> field, int axis);

/// Keeps the modes with k_low ≤ |k| < k_high (h/Mpc) and sets all others to zero; k = 0 is kept when k_low ≤ 0.
/// Edges are compared through the integer |n|²: a squared edge within 1e-9 of an integer is taken for it.
template <class Real>
SpectralField<Real> band_pass(SpectralField<Real> field, double k_low, double k_high);

}  // namespace phiscope
