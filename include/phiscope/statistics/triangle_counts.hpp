#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <vector>

#include "phiscope/parallel/communicator.hpp"
#include "phiscope/statistics/triangle_set.hpp"

namespace phiscope {

/// What a bispectrum needs to know of its triangles beyond the field: it depends on the geometry alone.
struct TriangleCounts {
  /// Ordered triples of modes n1 + n2 + n3 = 0 (modulo N where aliasing is allowed) with one mode in each shell.
  std::vector<std::int64_t> triangles;
  /// The effective sides: the mean |k| of the first, second and third mode over these triples, h/Mpc. The sides that
  /// were asked for where there is no triple.
  std::vector<std::array<double, 3>> k;
  /// Modes of each shell of the set; n and −n are two.
  std::vector<std::int64_t> modes;
};

/// Counts the triangles, in double precision, with the code that measures them. Collective over the team.
TriangleCounts count_triangles(const TriangleSet& set, const Communicator& team);

/// The same through a cache: a file of `folder` that belongs to these triangles, whose contents are checked (its
/// fingerprint, its checksum) before they are used; a file that fails the check is named in a warning and made anew.
/// An empty folder: no cache. A folder that cannot be written to is a warning. Collective over the team.
TriangleCounts cached_triangle_counts(const TriangleSet& set, const Communicator& team,
                                      const std::filesystem::path& folder);

}  // namespace phiscope
