#pragma once
#include <cstdint>
#include <vector>

#include "phiscope/catalogue/catalogue.hpp"
#include "phiscope/cosmology/cosmology.hpp"
#include "phiscope/data/cube_witness.hpp"
#include "phiscope/data/dataset_settings.hpp"
#include "phiscope/data/item_source.hpp"
#include "phiscope/grid/fourier_transform.hpp"

namespace phiscope {

/// Makes what the network sees out of the cubes of one run.
///
/// Reads whole cubes on this rank; the spectral transforms use a plan of this rank alone, so that make() may run on
/// one thread beside MPI's. Not safe for two threads at once.
class CubeTransform : public ItemSource {
 public:
  /// Keeps references to the catalogue and to the witness of what is read, if there is one. Throws Error when a
  /// redshift is not in the catalogue.
  CubeTransform(const Catalogue& catalogue, const Background& background, DatasetSettings settings,
                CubeWitness* witness = nullptr);

  /// One channel; the three components of the vector for the gradient.
  ItemShape shape() const noexcept override;
  std::vector<float> make(ItemId id) const override;

 private:
  std::vector<double> read_cube(std::uint64_t seed, Gravity gravity, double redshift) const;

  const Catalogue& catalogue_;
  const Background& background_;
  DatasetSettings settings_;
  GridShape grid_;
  SlabLayout layout_;
  FourierTransform<double> fourier_;
  CubeWitness* witness_;
};

}  // namespace phiscope
