#pragma once
#include <cstdint>
#include <vector>

#include "phiscope/cosmology/cosmology.hpp"
#include "phiscope/grid/fourier_transform.hpp"
#include "phiscope/io/catalogue.hpp"
#include "phiscope/learning/dataset_settings.hpp"

namespace phiscope {

/// Makes what the network sees out of the cubes of one run.
///
/// Reads whole cubes on this rank; the spectral transforms use a plan of this rank alone, so that make() may run on
/// one thread beside MPI's. Not safe for two threads at once.
class CubeTransform {
 public:
  /// Keeps references to the catalogue. Throws Error when a redshift is not in the catalogue.
  CubeTransform(const Catalogue& catalogue, const Background& background, DatasetSettings settings);

  std::int64_t n() const noexcept { return shape_.n; }
  std::int64_t channels() const noexcept { return vector_channels() ? 3 : 1; }
  /// Whether the channels are the components of a vector along the data axes 0, 1, 2.
  bool vector_channels() const noexcept { return settings_.transform == Transform::gradient; }

  /// channels × n × n × n values, in the order of the cubes (data[iz,iy,ix]). Throws Error for a bad cube.
  std::vector<float> make(std::uint64_t seed, Gravity gravity) const;

 private:
  std::vector<double> read_cube(std::uint64_t seed, Gravity gravity, double redshift) const;

  const Catalogue& catalogue_;
  const Background& background_;
  DatasetSettings settings_;
  GridShape shape_;
  SlabLayout layout_;
  FourierTransform<double> fourier_;
};

}  // namespace phiscope
