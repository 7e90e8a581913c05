#include "phiscope/measurement/particle_extent.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>

#include <fmt/format.h>

namespace phiscope {
namespace {

/// How far particles may have drifted out of the box since they were wrapped into it last, as a share of it.
constexpr double drift = 0.1;
constexpr double smallest_share = 1.0 / 3.0;
/// Particles that fill a box by chance as badly as this, once in a thousand, are taken for good.
constexpr double rare = 1e-3;

/// That `count` particles anywhere along an axis span no more than `share` of it: n s^(n−1) − (n−1) sⁿ.
double chance_of_span(std::int64_t count, double share) {
  const auto n = static_cast<double>(count);
  return n * std::pow(share, n - 1.0) - (n - 1.0) * std::pow(share, n);
}

/// The unit of positions that reach `ratio` times as far as the box that they are said to fill.
std::string likely_unit(double highest, double span, double box_size) {
  const double ratio = span / box_size;
  // 1/h for 0.5 ≤ h ≤ 0.83.
  const auto is_over_h = [](double value) { return value > 1.2 && value <= 2.0; };
  const auto is_whole = [](double value) { return value > 0.8 && value <= 1.2; };
  if (is_over_h(ratio)) return fmt::format("likely Mpc and not Mpc/h: multiply them by h, about {:.2g}", 1.0 / ratio);
  if (is_whole(ratio / 1e3)) return "likely kpc/h, 1000 times too large: divide them by 1000";
  if (is_over_h(ratio / 1e3)) return fmt::format("likely kpc: multiply them by h/1000, about {:.2g}", 1.0 / ratio);
  if (highest <= 1.0 + drift && span <= 1.0 + 2.0 * drift)
    return "likely units of the box, 0…1: multiply them by its side in Mpc/h";
  if (is_whole(1e3 * ratio)) return "likely Gpc/h, 1000 times too small: multiply them by 1000";
  return "give positions and --box in Mpc/h";
}

}  // namespace

void ParticleExtent::add(std::span<const double> positions) noexcept {
  count_ += static_cast<std::int64_t>(positions.size() / 3);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    lowest_[i % 3] = std::min(lowest_[i % 3], positions[i]);
    highest_[i % 3] = std::max(highest_[i % 3], positions[i]);
  }
}

void ParticleExtent::combine(const Communicator& ranks) {
  count_ = ranks.sum(count_);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    lowest_[axis] = ranks.minimum(lowest_[axis]);
    highest_[axis] = ranks.maximum(highest_[axis]);
  }
}

std::string ParticleExtent::range(double box_size) const {
  std::string text;
  for (std::size_t axis = 0; axis < 3; ++axis)
    text += fmt::format("{}{:.6g} to {:.6g}", axis == 0 ? "" : ", ", lowest_[axis], highest_[axis]);
  return fmt::format("reach from {} along the three axes, in a box of {:.6g}", text, box_size);
}

std::string ParticleExtent::problem(double box_size) const {
  if (count_ == 0) return {};
  bool beyond = false;
  double chance = 1.0;
  std::size_t widest = 0;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const double low = lowest_[axis] / box_size, high = highest_[axis] / box_size, share = high - low;
    const bool from_zero = low >= -drift && high <= 1.0 + drift;
    // Reaching both ends: velocities and the like lie about 0 too.
    const bool centred = std::abs(low + 0.5) <= drift && std::abs(high - 0.5) <= drift;
    beyond = beyond || !(from_zero || centred);
    if (share < smallest_share) chance *= chance_of_span(count_, share);
    if (highest_[axis] - lowest_[axis] > highest_[widest] - lowest_[widest]) widest = axis;
  }
  if (!beyond && chance >= rare) return {};
  return fmt::format("{}, and {}: {}", range(box_size),
                     beyond ? "so beyond it" : "so fill less than a third of it along an axis",
                     likely_unit(highest_[widest], highest_[widest] - lowest_[widest], box_size));
}

}  // namespace phiscope
