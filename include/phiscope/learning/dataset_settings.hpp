#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "phiscope/io/gravity.hpp"

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

/// Throws Error when a seed is in two parts, a part is empty, or a seed is not among `simulated`.
void check_split(const Split& split, const std::vector<std::uint64_t>& simulated);

struct DatasetSettings {
  Transform transform = Transform::growth_difference;
  std::vector<double> redshifts;  ///< nominal; two for growth_difference, one otherwise
  bool remove_mean = true;
  bool null_test = false;
  bool flips_and_turns = true;
  bool rolls = true;
  bool matched = true;
  double cache_gib = 2.0;
  int shuffle_cubes = 8;
};

/// One run of one seed, and the class it stands for. In a null test the two differ.
struct LabelledRun {
  std::uint64_t seed = 0;
  Gravity gravity = Gravity::newton;
  bool is_gr = false;
};

/// What is kept together: the two runs of one seed (or, in a null test, the Newtonian runs of two seeds).
struct RunPair {
  LabelledRun newton, gr;
};

/// The pairs of one part of the split, in the order of its seeds. In a null test consecutive seeds pair up: the
/// Newtonian run of the second is labelled gr; an odd seed at the end is left out.
std::vector<RunPair> make_pairs(const std::vector<std::uint64_t>& seeds, bool null_test);

}  // namespace phiscope
