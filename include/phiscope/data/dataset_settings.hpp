#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace phiscope {

/// What is computed from the cubes of Φ of one run before the network sees them.
enum class Transform {
  phi,               ///< Φ at one redshift
  gradient,          ///< ∂Φ/∂x_i at one redshift, three channels, h/Mpc
  laplacian,         ///< ∇²Φ at one redshift, (h/Mpc)²
  growth_difference  ///< Φ(z₁)/D_Φ(z₁) − Φ(z₂)/D_Φ(z₂), D_Φ = (1+z) D(z)
};

const std::vector<std::pair<std::string, Transform>>& transform_names();

/// The seeds of the three parts of the data. A seed is in one part at most.
struct Split {
  std::vector<std::uint64_t> train, validation, test;
};

/// Throws Error when a seed is in two parts, a part is empty, or a seed is not among `simulated`. `word` and `place`
/// are what the message calls a seed and the list of all.
void check_split(const Split& split, const std::vector<std::uint64_t>& simulated, const std::string& word = "seed",
                 const std::string& place = "simulations.seeds");

/// What one sample is.
enum class SampleKind {
  slice,    ///< the slices of a cube normal to all three axes
  cube,     ///< a whole cube
  subcube,  ///< sub-cubes anywhere in a cube
  spectra,  ///< the vector of a run's band powers of Φ
  map,      ///< a whole map
  row       ///< of a table
};

const std::vector<std::pair<std::string, SampleKind>>& sample_kind_names();

struct SubcubeSettings {
  std::optional<std::int64_t> size;  ///< cells per side, a divisor of the cube's; not given: half of them
  std::int64_t per_cube = 8;         ///< how many of a cube an epoch sees
};

/// What the vectors of band powers are made of; at least one of them.
struct SpectraSettings {
  bool power = true;        ///< ln P(k)
  bool bispectrum = false;  ///< Q(k1,k2,k3)
};

struct DatasetSettings {
  Transform transform = Transform::growth_difference;
  SampleKind sample = SampleKind::slice;
  SubcubeSettings subcube;
  SpectraSettings spectra;
  std::vector<double> redshifts;  ///< nominal; two for growth_difference, any number for spectra, one otherwise
  bool remove_mean = true;        ///< of every cube, before anything else
  bool null_test = false;         ///< see gravity_pairs.hpp
  bool flips_and_turns = true;    ///< augmentation by the symmetries of the square or of the cube
  bool rolls = true;              ///< augmentation by periodic rolls, of slices and cubes
  bool matched = true;            ///< both runs of a pair in one micro-batch, see SampleOrder
  double cache_gib = 2.0;         ///< memory of each rank for transformed cubes beyond those in use
  std::filesystem::path packed;   ///< a file of pack() to read the cubes from; empty: from the simulations
  int shuffle_cubes = 8;          ///< cubes whose samples a lane mixes at a time
};

}  // namespace phiscope
