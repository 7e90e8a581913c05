#pragma once
#include "phiscope/catalogue/gevolution_settings.hpp"
#include "phiscope/io/key_value_lines.hpp"

namespace phiscope {

/// Reads h, the densities, dark energy and the primordial spectrum, in any spelling that gevolution takes. Throws Error
/// with file and line when one is out of its range or two spellings of the same contradict each other.
void read_cosmology(const KeyValueLines& lines, GevolutionSettings& settings);

/// What the file says of the universe and of the initial power spectrum that `settings` do not hold.
std::vector<UnmodelledKey> unmodelled_keys(const KeyValueLines& lines, const GevolutionSettings& settings);

}  // namespace phiscope
