#pragma once
#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/grid/spectral_field.hpp"
#include "phiscope/io/cube_mark.hpp"

namespace phiscope {

/// A cube of a simulation in Fourier space, and what it is known by.
template <class Real>
struct TransformedCube {
  CubeMark mark;
  SpectralField<Real> field;
};

/// Reads a cube, each rank of the layout's team its slab, and transforms it, unnormalised. Collective over the team.
/// Throws AgreedError for a cube that cannot be read, or cannot be a simulation's (CubeSurvey::require_simulated()).
template <class Real>
TransformedCube<Real> read_transformed(const CatalogueEntry& entry, const SlabLayout& layout,
                                       const FourierTransform<Real>& fourier);

}  // namespace phiscope
