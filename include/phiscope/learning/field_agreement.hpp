#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "phiscope/grid/fourier_transform.hpp"

namespace phiscope {

/// How alike two periodic fields are, scale by scale, over all samples that were added.
class FieldAgreement {
 public:
  /// Of cubes of n³ cells.
  explicit FieldAgreement(std::int64_t n);

  /// Adds one sample: channels × n³ values each. The spectra of all channels are summed, as of the components of a
  /// vector.
  void add(std::span<const float> prediction, std::span<const float> truth);

  /// |k| of each shell in units of k_F = 2π/box_size: 1 … n/2, shell i of all modes with |k| nearest to i.
  std::vector<double> k() const;
  /// T(k) = √(P_prediction/P_truth).
  std::vector<double> transfer() const;
  /// r(k) = P_cross/√(P_prediction·P_truth).
  std::vector<double> correlation() const;

 private:
  std::int64_t n_;
  FourierTransform<double> fourier_;
  std::vector<double> of_prediction_, of_truth_, cross_;
};

}  // namespace phiscope
