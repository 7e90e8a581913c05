#pragma once
#include <optional>
#include <span>
#include <string>

#include "measured_unit.hpp"
#include "phiscope/cosmology/linear_power.hpp"
#include "phiscope/io/hdf5_file.hpp"

namespace phiscope {

struct LinearTheory {
  std::optional<LinearPower> power;
  std::string why_not;  ///< why there is none
};

/// Linear theory for the cosmology of the simulations, with the table of cosmology.transfer where one is given. None
/// where the simulations have what it does not know of (why_no_linear_theory()), or where Eisenstein & Hu's fit has no
/// answer (a universe without baryons or photons). Throws Error when the table is bad.
LinearTheory linear_theory(const Study& study);

/// Throws Error when the theory does not reach over the wave numbers that are measured.
void check_theory(const Study& study, const std::optional<TriangleSet>& triangles);

/// /power/linear [redshifts, bins].
void write_linear_power(Hdf5Writer& file, const Study& study, const LinearPower& linear, std::span<const double> k);

/// /bispectrum/tree_level and /bispectrum/tree_level_q [redshifts, triangles], on the effective sides.
void write_tree_level(Hdf5Writer& file, const Study& study, const LinearPower& linear,
                      const MeasuredTriangles& triangles);

}  // namespace phiscope
