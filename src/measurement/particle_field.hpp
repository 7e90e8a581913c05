#pragma once
#include <filesystem>

#include "phiscope/measurement/field_source.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// See read_spectrum(), of a source of particles.
template <class Real>
SourceSpectrum<Real> spectrum_of_particles(const Communicator& world, const FieldSource& source,
                                           const std::filesystem::path& file);

}  // namespace phiscope
