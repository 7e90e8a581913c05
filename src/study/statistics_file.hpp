#pragma once
#include <optional>
#include <string>

#include "measured_unit.hpp"

namespace phiscope {

/// What statistics.h5 depends on: what its units do, and the table that the theory beside them comes from.
std::string statistics_fingerprint(const Study& study);

/// Merges the units of all seeds, with ensembles, paired comparisons, theory and bounds, into statistics.h5. Throws
/// Error when a unit is missing or the file cannot be written.
void write_statistics(const Study& study, const std::optional<MeasuredTriangles>& triangles);

}  // namespace phiscope
