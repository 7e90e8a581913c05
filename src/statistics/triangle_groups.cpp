#include "triangle_groups.hpp"

#include <algorithm>
#include <map>
#include <numeric>

namespace phiscope {
namespace {

/// Makes one group from triangles of one grid.
class GroupBuilder {
 public:
  GroupBuilder(const TriangleSet& set, std::int64_t grid, const std::vector<std::size_t>& triangles) : set_(set) {
    group_.grid = grid;
    // Ascending shells give ascending triples, and neighbours in the cache.
    for (const std::size_t i : triangles)
      for (const std::size_t shell : set.triangles()[i].shells) local_[shell] = 0;
    for (auto& [shell, place] : local_) {
      place = group_.shells.size();
      group_.shells.push_back(shell);
    }
    for (const std::size_t i : triangles) add(i);
  }

  TriangleGroup take() { return std::move(group_); }

 private:
  void add(std::size_t triangle) {
    const auto& shells = set_.triangles()[triangle].shells;
    std::array<std::size_t, 3> order{0, 1, 2};
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return shells[a] < shells[b]; });
    Triple triple;
    TriangleGroup::Member member{triangle, 0, {}};
    for (std::size_t place = 0; place < 3; ++place) {
      triple[place] = local_.at(shells[order[place]]);
      member.place[order[place]] = place;
    }
    const auto [entry, is_new] = triples_.try_emplace(triple, group_.triples.size());
    if (is_new) group_.triples.push_back(triple);
    member.triple = entry->second;
    group_.members.push_back(member);
  }

  const TriangleSet& set_;
  TriangleGroup group_;
  std::map<std::size_t, std::size_t> local_;
  std::map<Triple, std::size_t> triples_;
};

}  // namespace

std::vector<TriangleGroup> group_triangles(const TriangleSet& set) {
  std::map<std::int64_t, std::vector<std::size_t>> by_grid;
  for (std::size_t i = 0; i < set.size(); ++i) by_grid[set.product_grid(set.triangles()[i])].push_back(i);
  std::vector<TriangleGroup> groups;
  for (const auto& [grid, triangles] : by_grid) groups.push_back(GroupBuilder(set, grid, triangles).take());
  return groups;
}

}  // namespace phiscope
