#include "phiscope/statistics/triangle_counts.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "integer_root.hpp"
#include "phiscope/base/error.hpp"
#include "shell_products.hpp"
#include "triangle_groups.hpp"

namespace phiscope {
namespace {

/// The number 1 for every mode of the grid, the values of n1 dealt out over the ranks.
class UnitModes final : public ModeSource<double> {
 public:
  UnitModes(const GridShape& shape, const Communicator& ranks) : shape_(shape) {
    for (std::int64_t i = ranks.rank(); i < shape.n; i += ranks.size()) own_n1_.push_back(shape.wave_number(i));
  }

  const GridShape& shape() const override { return shape_; }
  std::span<const std::int64_t> own_n1() const override { return own_n1_; }
  void strip(std::int64_t, std::size_t, std::int64_t, std::span<Complex> target) const override {
    std::fill(target.begin(), target.end(), Complex{1.0, 0.0});
  }
  bool is_even() const override { return true; }

 private:
  GridShape shape_;
  std::vector<std::int64_t> own_n1_;
};

/// Modes of the full grid with n0² + n1² + n2² = square, for all squares below `end`.
std::vector<std::int64_t> modes_by_square(const GridShape& shape, std::int64_t end) {
  // How many n of one axis have n² = i.
  std::vector<std::int64_t> of_axis;
  for (std::int64_t i = 0; i < shape.n; ++i) {
    const std::int64_t n = std::abs(shape.wave_number(i));
    of_axis.resize(std::max(of_axis.size(), static_cast<std::size_t>(n + 1)), 0);
    ++of_axis[static_cast<std::size_t>(n)];
  }
  std::vector<std::int64_t> of_plane(static_cast<std::size_t>(end), 0), modes(of_plane);
  const auto add_axis = [&](const std::vector<std::int64_t>& from, std::vector<std::int64_t>& to) {
    for (std::int64_t square = 0; square < end; ++square)
      for (std::int64_t n = 0; n < static_cast<std::int64_t>(of_axis.size()) && square + n * n < end; ++n)
        to[static_cast<std::size_t>(square + n * n)] +=
            from[static_cast<std::size_t>(square)] * of_axis[static_cast<std::size_t>(n)];
  };
  std::vector<std::int64_t> origin(static_cast<std::size_t>(end), 0), line(origin);
  if (end > 0) origin[0] = 1;
  add_axis(origin, line);
  add_axis(line, of_plane);
  add_axis(of_plane, modes);
  return modes;
}

std::vector<std::int64_t> count_modes(const TriangleSet& set) {
  std::int64_t end = 0;
  for (const auto& shell : set.shells())
    end = std::max(end, std::min(shell.high, set.shape().largest_squared_mode() + 1));
  const auto by_square = modes_by_square(set.shape(), end);
  std::vector<std::int64_t> modes;
  for (const auto& shell : set.shells())
    modes.push_back(shell.empty() ? 0
                                  : std::accumulate(by_square.begin() + std::min(shell.low, end),
                                                    by_square.begin() + std::min(shell.high, end), std::int64_t{0}));
  return modes;
}

/// The counts of a group, and their first moments in |n| side by side: sums[triple] and, for the side at `place`,
/// sums[moment[triple][place]].
struct GroupSums {
  std::vector<double> sums;
  std::vector<std::array<std::size_t, 3>> moment;
};

GroupSums sum_group(const TriangleSet& set, const TriangleGroup& group, const UnitModes& modes,
                    const Communicator& team, ShellColumns<double>::Workspace& workspace) {
  const std::size_t shells = group.shells.size();
  std::vector<ShellField> fields;
  for (const bool moment : {false, true})
    for (const std::size_t shell : group.shells) fields.push_back({set.shells()[shell], 1.0, moment});

  GroupSums result;
  std::vector<Triple> triples = group.triples;
  std::map<Triple, std::size_t> known;
  for (const Triple& triple : group.triples) {
    std::array<std::size_t, 3> moment{};
    for (std::size_t place = 0; place < 3; ++place) {
      Triple with_moment = triple;
      with_moment[place] += shells;
      std::sort(with_moment.begin(), with_moment.end());
      const auto [entry, is_new] = known.try_emplace(with_moment, triples.size());
      if (is_new) triples.push_back(with_moment);
      moment[place] = entry->second;
    }
    result.moment.push_back(moment);
  }
  result.sums = shell_products<double>(team, modes, fields, triples, group.grid, workspace);
  return result;
}

std::int64_t as_count(double sum) {
  const double count = std::round(sum);
  // The largest term of the sum over x is at x = 0; where its rounding reaches the units the count is not exact.
  if (std::abs(sum - count) > 0.25 && std::abs(sum) < 1e15)
    fail("a triangle count came out as {}, which is no whole number: the shells hold too many modes to be counted",
         sum);
  return static_cast<std::int64_t>(count);
}

}  // namespace

TriangleCounts count_triangles(const TriangleSet& set, const Communicator& team) {
  TriangleCounts counts;
  counts.modes = count_modes(set);
  counts.triangles.assign(set.size(), 0);
  counts.k.resize(set.size());
  const UnitModes modes(set.shape(), team);
  ShellColumns<double>::Workspace workspace;
  for (const TriangleGroup& group : group_triangles(set)) {
    const GroupSums sums = sum_group(set, group, modes, team, workspace);
    for (const auto& member : group.members) {
      const auto count = as_count(sums.sums[member.triple]);
      counts.triangles[member.triangle] = count;
      for (std::size_t side = 0; side < 3; ++side)
        counts.k[member.triangle][side] = count == 0 ? set.triangles()[member.triangle].sides[side]
                                                     : set.shape().fundamental() *
                                                           sums.sums[sums.moment[member.triple][member.place[side]]] /
                                                           static_cast<double>(count);
    }
  }
  return counts;
}

}  // namespace phiscope
