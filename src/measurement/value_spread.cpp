#include "phiscope/measurement/value_spread.hpp"

#include <algorithm>
#include <cmath>

#include "phiscope/base/error.hpp"

namespace phiscope {
namespace {

template <class Real>
void add_to(ValueSpread& spread, std::span<const Real> values) noexcept {
  if (values.empty()) return;
  Real low = values.front(), high = values.front();
  for (const Real value : values) {
    low = value < low ? value : low;
    high = value > high ? value : high;
  }
  spread.lowest = std::min(spread.lowest, static_cast<double>(low));
  spread.highest = std::max(spread.highest, static_cast<double>(high));
}

/// Powers of ten. Of the range of a double, the lower end leaves room for the digits of modes that are far weaker than
/// the strongest.
constexpr double largest_double = 300.0, smallest_double = -260.0;
constexpr double largest_single = 37.0, smallest_single = -28.0;

}  // namespace

void ValueSpread::add(std::span<const float> values) noexcept {
  add_to(*this, values);
}
void ValueSpread::add(std::span<const double> values) noexcept {
  add_to(*this, values);
}

void require_representable(const std::filesystem::path& file, const ValueSpread& spread, const GridShape& shape,
                           int order, bool single_precision) {
  const double width = spread.width();
  if (!(width > 0.0)) return;
  // The decimal exponents of an amplitude A, of its transform (at most A N³), and of P ≤ A² L³, B ≤ A³ L⁶, P² ≤ A⁴ L⁶.
  const double a = std::isfinite(width) ? std::log10(width) : std::log10(std::max(-spread.lowest, spread.highest));
  const double cells = 3.0 * std::log10(static_cast<double>(shape.n)), volume = 3.0 * std::log10(shape.box_size);
  double largest = std::max(2.0 * (a + cells), 2.0 * a + volume);
  double smallest = std::min(2.0 * a, 2.0 * a + volume - cells);
  if (order == 3) {
    largest = std::max({largest, 3.0 * (a + cells), 3.0 * a + 2.0 * volume, 4.0 * a + 2.0 * volume});
    smallest = std::min({smallest, 4.0 * a, 4.0 * a + 2.0 * (volume - cells)});
  }
  const bool beyond_double = largest > largest_double || smallest < smallest_double;
  const bool too_large = largest > largest_double || (single_precision && a + cells > largest_single);
  const bool too_small = smallest < smallest_double || (single_precision && a < smallest_single);
  if (!too_large && !too_small) return;
  fail(
      "{}: its values, from {:.6g} to {:.6g}, are too {} for {} in {} precision: multiply the cube by 1e{}, which "
      "multiplies {} with the {} of that{}",
      file.string(), spread.lowest, spread.highest, too_large ? "large" : "small",
      order == 2 ? "a power spectrum" : "a bispectrum", single_precision ? "single" : "double",
      static_cast<int>(std::clamp(-std::round(a), -300.0, 300.0)), order == 2 ? "P" : "B",
      order == 2 ? "square" : "cube", single_precision && !beyond_double ? ", or take --precision double" : "");
}

}  // namespace phiscope
