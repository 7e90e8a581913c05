#pragma once
#include <cstddef>
#include <string>
#include <vector>

#include "phiscope/io/hdf5_file.hpp"
#include "phiscope/statistics/ensemble.hpp"

namespace phiscope {

/// Numbers of every seed, gravity, redshift and band, in this order.
class SeedTable {
 public:
  SeedTable(std::size_t gravities, std::size_t redshifts) : gravities_(gravities), redshifts_(redshifts) {}

  /// The [gravities, redshifts, bands] of the next seed.
  void add_seed(const std::vector<double>& values);

  std::size_t seeds() const noexcept { return seeds_; }
  std::size_t gravities() const noexcept { return gravities_; }
  std::size_t redshifts() const noexcept { return redshifts_; }
  std::size_t bands() const noexcept { return bands_; }
  bool empty() const noexcept { return values_.empty(); }

  /// One row per seed.
  BandPowers rows(std::size_t gravity, std::size_t redshift) const;
  /// [seeds, gravities, redshifts, bands].
  void write(Hdf5Writer& file, const std::string& name, const std::string& unit, const std::string& description) const;

 private:
  std::size_t gravities_, redshifts_, seeds_ = 0, bands_ = 0;
  std::vector<double> values_;
};

/// How the datasets on a quantity are called: "/power/mean", "mean of P(k) over the seeds".
struct Quantity {
  std::string group;   ///< "power"
  std::string prefix;  ///< before each dataset's name: "", "q_"
  std::string symbol;  ///< "P"
  std::string unit, squared_unit;
  /// Where cumulative sums over the bands begin anew (see signal_to_noise()).
  std::vector<std::size_t> groups{0};
};

/// Covariances are written for at most so many bands: 8 MB per gravity and redshift.
constexpr std::size_t most_bands_of_a_covariance = 1000;

/// mean, std, standard_error [gravities, redshifts, bands] and, where there are two seeds or more, covariance and
/// correlation [gravities, redshifts, bands, bands].
void write_ensembles(Hdf5Writer& file, const SeedTable& table, const Quantity& quantity);

/// Of the first gravity against the second: ratio, ratio_error, difference, difference_error, signal_to_noise,
/// cumulative_signal_to_noise [redshifts, bands], ratio_covariance, difference_covariance [redshifts, bands, bands].
/// Of cumulative_signal_to_noise, the attribute "covariance" says which covariance all redshifts are weighed with and
/// why, and "repeated_bands" how many bands repeat others and are left out (at the redshift with the most). Nothing
/// where there is one gravity.
void write_pairs(Hdf5Writer& file, const SeedTable& table, const Quantity& quantity);

}  // namespace phiscope
