#pragma once
#include <complex>
#include <memory>

#include "phiscope/grid/fourier_transform.hpp"

namespace phiscope {

/// A pair of in-place transforms over storage of layout.allocation() complex values on a 64-byte boundary.
template <class Real>
class TransformEngine {
 public:
  TransformEngine() = default;
  virtual ~TransformEngine() = default;
  TransformEngine(const TransformEngine&) = delete;
  TransformEngine& operator=(const TransformEngine&) = delete;

  /// Padded real values to coefficients, not normalised.
  virtual void forward(std::complex<Real>* storage) const = 0;
  /// Coefficients to padded real values, times 1/N³.
  virtual void inverse(std::complex<Real>* storage) const = 0;
};

/// The engine of a team of one rank.
template <class Real>
std::unique_ptr<const TransformEngine<Real>> make_cube_engine(const SlabLayout& layout, Planning planning);

/// The engine of a team of several ranks.
template <class Real>
std::unique_ptr<const TransformEngine<Real>> make_slab_engine(const SlabLayout& layout, Planning planning);

}  // namespace phiscope
