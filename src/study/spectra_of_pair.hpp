#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "measured_unit.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/measurement/large_scales.hpp"
#include "phiscope/statistics/bispectrum.hpp"
#include "phiscope/statistics/power_spectrum.hpp"

namespace phiscope {

/// Measures all cubes of a seed, [gravities × redshifts], on one team: each cube is read and transformed once, and its
/// power spectrum, the power of its slices and its bispectrum come from that transform.
template <class Real>
class SpectraOfPair {
 public:
  /// Collective over the team. `triangles`: none for power spectra alone.
  SpectraOfPair(const Study& study, const Communicator& team, const std::optional<MeasuredTriangles>& triangles);

  /// Collective over the team; the root holds gevolution's own tables, too. None when the program was asked to stop
  /// before the last cube. What is left out becomes a warning, of the root. Throws AgreedError for a bad cube.
  std::optional<MeasuredUnit> measure(std::uint64_t seed, std::vector<std::string>& warnings);

 private:
  void add_power(const SpectralField<Real>& field, const std::filesystem::path& cube, MeasuredUnit& unit) const;
  void add_bispectrum(const SpectralField<Real>& field, const std::filesystem::path& cube, MeasuredUnit& unit) const;
  void add_gevolution_tables(std::uint64_t seed, MeasuredUnit& unit);
  /// Throws Error when a cube of the seed is a copy of another, or does not belong to the table beside it.
  void check(std::span<const KnownScales> cubes, const MeasuredUnit& unit);

  const Study& study_;
  SlabLayout layout_;
  FourierTransform<Real> fourier_;
  PowerSpectrumEstimator<Real> power_;
  std::optional<BispectrumEstimator<Real>> bispectrum_;
  std::vector<std::size_t> closed_;  ///< the triangles to keep
  RunTables tables_;
};

extern template class SpectraOfPair<float>;
extern template class SpectraOfPair<double>;

}  // namespace phiscope
