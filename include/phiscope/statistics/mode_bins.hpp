#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "phiscope/grid/grid_shape.hpp"

namespace phiscope {

enum class BinSpacing { linear, logarithmic, edges };

/// Reads "linear", "logarithmic" or "edges". Throws Error with a suggestion on anything else.
BinSpacing parse_bin_spacing(std::string_view name);

/// How shells of |k| are laid. The default is linear: shells one k_F wide, centred on |n| = 1, 2, 3, …
struct BinOptions {
  BinSpacing spacing = BinSpacing::linear;
  /// Linear and logarithmic: the lower edge of the first bin, in units of k_F.
  double first_edge = 0.5;
  /// Linear: the width of a bin, in units of k_F.
  double width = 1.0;
  /// Logarithmic: bins per factor of ten in k.
  double per_decade = 10.0;
  /// Edges: strictly ascending, in h/Mpc.
  std::vector<double> edges;
};

/// Shells edge_b ≤ |k| < edge_{b+1} of the modes of a cube. A mode is placed by its integer |n|² against squared edges,
/// so that no rounding decides: a squared edge within 1e-9 (relative) of an integer is taken for that integer.
/// k = 0 is in no bin.
class ModeBins {
 public:
  /// The bins of `options` that lie below `k_max` as a whole (in h/Mpc, with 1e-9 of tolerance). Without k_max,
  /// linear and logarithmic bins end inside the Nyquist sphere, and explicit edges are all kept; a k_max beyond the
  /// Nyquist frequency reaches into the corners of the cube. Throws Error when no bin is left, k_max lies beyond the
  /// corners, no mode lies in any bin, there are more than 100000 bins, or an option has no meaning.
  static ModeBins lay(const GridShape& shape, const BinOptions& options, std::optional<double> k_max);

  /// Pylians' bins: floor|n| = 1, 2, … up to the corner of the cube, or to the last bin below `k_max` as a whole.
  static ModeBins pylians(const GridShape& shape, std::optional<double> k_max);

  std::size_t count() const noexcept { return edges_.size() - 1; }
  /// count() + 1 edges in h/Mpc.
  const std::vector<double>& edges() const noexcept { return edges_; }

  /// The bin of a mode with |n|² = `squared`, or −1 when it is in none. 0 ≤ squared ≤ 3 (n/2)².
  std::int32_t bin_of(std::int64_t squared) const noexcept { return table_[static_cast<std::size_t>(squared)]; }

 private:
  /// Edges in units of k_F.
  ModeBins(const GridShape& shape, const std::vector<double>& edges);

  std::vector<double> edges_;
  std::vector<std::int32_t> table_;
};

}  // namespace phiscope
