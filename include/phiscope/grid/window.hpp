#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "phiscope/grid/grid_shape.hpp"
#include "phiscope/grid/spectral_field.hpp"

namespace phiscope {

/// The mass assignment scheme that painted a field; its value is the order p of the window sinc^p. Potentials are not
/// painted: none.
enum class Window : int { none = 0, ngp = 1, cic = 2, tsc = 3, pcs = 4 };

/// Reads "none", "ngp", "cic", "tsc" or "pcs". Throws Error with a suggestion on anything else.
Window parse_window(std::string_view name);
/// The name that parse_window() reads.
std::string_view window_name(Window window);

/// The factor (x / sin x)^p, x = π n_i / N, by which one axis' amplitudes are multiplied to undo the window, for each
/// place 0 … n−1 of the axis (Hockney & Eastwood 1981, chapter 5; Jing 2005, eq. 18; without aliasing correction, as
/// Pylians does).
std::vector<double> deconvolution_factors(Window window, const GridShape& shape);

/// The field with its window undone along all three axes.
template <class Real>
SpectralField<Real> deconvolve(SpectralField<Real> field, Window window);

}  // namespace phiscope
