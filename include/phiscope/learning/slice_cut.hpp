#pragma once
#include <cstdint>
#include <span>

namespace phiscope {

/// Slices of a cube. A cube is channels×n×n×n values, `data[iz,iy,ix]` in each channel; `axis` is the data axis that a
/// slice is normal to (0 = z, 1 = y, 2 = x). A slice is channels×n×n values, the two axes that remain in ascending
/// order, row-major.
///
/// With `vector_channels` each three channels of the cube are the components of a vector field along the data axes 0,
/// 1, 2; in the slice they come as (along its first axis, along its second axis, normal to it), as SliceSymmetry wants
/// them. `channels` must then be a multiple of three.

/// Cuts the slice at position `index` along `axis`.
void cut_slice(std::span<const float> cube, std::int64_t channels, std::int64_t n, int axis, std::int64_t index,
               bool vector_channels, std::span<float> out);

/// Cuts `count` neighbouring slices, from `first` on; `out` holds them one after the other. Along axis 2 all slices of
/// a cache line cost little more than one.
void cut_slices(std::span<const float> cube, std::int64_t channels, std::int64_t n, int axis, std::int64_t first,
                std::int64_t count, bool vector_channels, std::span<float> out);

/// Adds a slice back into a cube: the adjoint of cut_slice, Σ cut(x)·y = Σ x·add(y).
void add_slice(std::span<const float> slice, std::int64_t channels, std::int64_t n, int axis, std::int64_t index,
               bool vector_channels, std::span<float> cube);

}  // namespace phiscope
