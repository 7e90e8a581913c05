#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// How far particles reach along each axis, to notice positions in another unit than their box: wrapped into the box
/// they would give a spectrum of noise or of a point.
class ParticleExtent {
 public:
  /// x, y, z of each particle.
  void add(std::span<const double> positions) noexcept;
  /// Takes in those of the other ranks. Collective.
  void combine(const Communicator& ranks);

  /// What is wrong with the positions in a periodic box with a side of `box_size`, and the unit that they are likely
  /// in; empty when nothing is. They may lie in 0 … L or, centred, in −L/2 … L/2, and may have drifted out of it by a
  /// tenth of the box; they must span a third of it along each axis, unless they are so few that chance leaves such a
  /// gap.
  std::string problem(double box_size) const;

 private:
  std::string range(double box_size) const;

  std::int64_t count_ = 0;
  std::array<double, 3> lowest_ = filled(std::numeric_limits<double>::infinity());
  std::array<double, 3> highest_ = filled(-std::numeric_limits<double>::infinity());

  static constexpr std::array<double, 3> filled(double value) { return {value, value, value}; }
};

}  // namespace phiscope
