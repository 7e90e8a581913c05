#pragma once
#include <filesystem>

#include "phiscope/parallel/communicator.hpp"
#include "phiscope/study/field_source.hpp"

namespace phiscope {

/// See read_spectrum(), of a source of particles.
template <class Real>
SourceSpectrum<Real> spectrum_of_particles(const Communicator& world, const FieldSource& source,
                                           const std::filesystem::path& file);

}  // namespace phiscope
