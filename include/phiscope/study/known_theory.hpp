#pragma once
#include <string>

#include "phiscope/study/study.hpp"

namespace phiscope {

/// Why there is no linear theory beside a study's spectra, as a sentence without its full stop: the settings of the
/// simulations have keys that our background or initial power spectrum do not follow, or the cubes are not of Φ. Empty
/// where there is one.
std::string why_no_linear_theory(const Study& study);

/// Throws Error where dataset.transform is growth_difference, but the growth of the cubes' field is not known.
void require_growth(const Study& study);

}  // namespace phiscope
