#pragma once
#include "tensor_layout.hpp"

namespace phiscope::neural {

/// Fills the halo of one image (one sample and group) of a tensor from the opposite sides of its interior.
void fill_halo(const TensorLayout& layout, float* image);
/// The adjoint, of floats: adds the halo of one image to the interior points that it repeats.
void fold_halo(const TensorLayout& layout, float* image);

/// The same for all images.
void fill_halos(const TensorLayout& layout, float* tensor);
void fold_halos(const TensorLayout& layout, float* tensor);

}  // namespace phiscope::neural
