#pragma once
#include <span>
#include <vector>

#include "phiscope/grid/spectral_field.hpp"
#include "phiscope/statistics/shell.hpp"

namespace phiscope {

/// Σ |φ_n|² over the modes of the full grid (n and −n are two) in each shell; `factors` multiply the amplitudes, one
/// for each place of an axis, for all three axes. Collective over the field's team; summed in double in an order that
/// does not depend on the number of threads. Shells may overlap: the cube is read once.
template <class Real>
std::vector<double> shell_powers(const SpectralField<Real>& field, std::span<const Shell> shells,
                                 std::span<const double> factors);

extern template std::vector<double> shell_powers(const SpectralField<float>&, std::span<const Shell>,
                                                 std::span<const double>);
extern template std::vector<double> shell_powers(const SpectralField<double>&, std::span<const Shell>,
                                                 std::span<const double>);

}  // namespace phiscope
