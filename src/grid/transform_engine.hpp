#pragma once
#include <complex>
#include <filesystem>
#include <memory>

#include "line_transform.hpp"
#include "phiscope/grid/aligned_array.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/grid/slab_layout.hpp"

namespace phiscope {

/// A pair of transforms over storage of at least layout.allocation() complex values. What is given as an array is used
/// up: its memory becomes the result's, or is freed.
template <class Real>
class TransformEngine {
 public:
  using Storage = AlignedArray<std::complex<Real>>;

  TransformEngine() = default;
  virtual ~TransformEngine() = default;
  TransformEngine(const TransformEngine&) = delete;
  TransformEngine& operator=(const TransformEngine&) = delete;

  /// Padded real values to coefficients, not normalised.
  virtual Storage forward(Storage field) const = 0;
  /// The same from planes × n × n real values without padding, which stay, into the memory of `result`.
  virtual Storage forward(const Real* planes, Storage result) const = 0;
  /// Coefficients to padded real values, times 1/N³.
  virtual Storage inverse(Storage spectrum) const = 0;
};

/// Our engine for a team of one rank.
template <class Real>
std::unique_ptr<const TransformEngine<Real>> make_cube_engine(const SlabLayout& layout, LineTransform<Real> lines);

/// Our engine for a team of several ranks.
template <class Real>
std::unique_ptr<const TransformEngine<Real>> make_slab_engine(const SlabLayout& layout, LineTransform<Real> lines);

/// FFTW-MPI's, for a team of any size, which calls MPI where that is larger than one rank. Collective over the team.
/// Throws AgreedError for a slab that FFTW-MPI cannot count the values of.
template <class Real>
std::unique_ptr<const TransformEngine<Real>> make_fftw_mpi_engine(const SlabLayout& layout, Planning planning,
                                                                  const std::filesystem::path& folder);

}  // namespace phiscope
