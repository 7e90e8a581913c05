#pragma once
#include <cstdint>
#include <vector>

#include "phiscope/statistics/triangle_set.hpp"
#include "triple_sums.hpp"

namespace phiscope {

/// The triangles of a set that are measured on one product grid, each distinct triple of shells once.
struct TriangleGroup {
  std::int64_t grid = 0;
  /// The shells needed, as indices into the set's.
  std::vector<std::size_t> shells;
  /// Indices into `shells`, ascending within a triple; no triple twice.
  std::vector<Triple> triples;
  /// One of the set's triangles: its index, its triple, and the places of its sides within the triple.
  struct Member {
    std::size_t triangle;
    std::size_t triple;
    std::array<std::size_t, 3> place;
  };
  std::vector<Member> members;
};

/// By ascending product grid.
std::vector<TriangleGroup> group_triangles(const TriangleSet& set);

}  // namespace phiscope
