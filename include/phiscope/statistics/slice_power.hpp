#pragma once
#include <cstdint>
#include <vector>

#include "phiscope/grid/spectral_field.hpp"

namespace phiscope {

/// The power of a cube's slices in rings |m| = 0, 1, … n/2 − 1 (rounded) of the two wave numbers in the slice's plane,
/// summed over the three slicings and over the modes of a ring, in arbitrary units. A slice's mode is the sum of the
/// cube's modes along the normal, and the mean over the slices leaves their squares. Ring 0 is the variance of the
/// slices' means; the mean of the cube, k = 0, is left out.
/// Collective over the field's team; no MPI call on a team of one rank. Sums agree between numbers of ranks to 1e-12.
template <class Real>
std::vector<double> slice_powers(const SpectralField<Real>& field);

/// Independent complex modes in each ring of one slice of n × n cells; its mean is real and counts one half.
std::vector<double> slice_modes(std::int64_t n);

extern template std::vector<double> slice_powers(const SpectralField<float>& field);
extern template std::vector<double> slice_powers(const SpectralField<double>& field);

}  // namespace phiscope
