#include "phiscope/statistics/bin_modes.hpp"

#include <cmath>
#include <cstddef>

namespace phiscope {
namespace {

/// How many rows (n0, n1) have n0² + n1² = the index.
std::vector<std::int64_t> rows_by_square(const GridShape& shape) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(2 * (shape.n / 2) * (shape.n / 2) + 1));
  for (std::int64_t i = 0; i < shape.n; ++i)
    for (std::int64_t j = 0; j < shape.n; ++j) {
      const std::int64_t a = shape.wave_number(i), b = shape.wave_number(j);
      ++rows[static_cast<std::size_t>(a * a + b * b)];
    }
  return rows;
}

/// Twice the number of independent modes with |n|² = the index.
std::vector<std::int64_t> weights_by_square(const GridShape& shape) {
  const std::int64_t n = shape.n, nyquist = n / 2;
  const auto rows = rows_by_square(shape);
  std::vector<std::int64_t> weights(static_cast<std::size_t>(shape.largest_squared_mode() + 1));
  for (std::size_t square = 0; square < rows.size(); ++square) {
    if (rows[square] == 0) continue;
    for (std::int64_t n2 = 0; n2 < shape.half(); ++n2)
      weights[square + static_cast<std::size_t>(n2 * n2)] += rows[square] * (n2 == 0 || 2 * n2 == n ? 1 : 2);
  }
  // A mode that is its own conjugate, all its components 0 or Nyquist, is stored once and is one independent mode.
  const std::int64_t own_conjugates = n % 2 == 0 ? 8 : 1;
  for (std::int64_t corner = 0; corner < own_conjugates; ++corner) {
    const std::int64_t components = (corner & 1) + ((corner >> 1) & 1) + ((corner >> 2) & 1);
    ++weights[static_cast<std::size_t>(components * nyquist * nyquist)];
  }
  return weights;
}

}  // namespace

BinModes count_modes(const GridShape& shape, const ModeBins& bins) {
  std::vector<std::int64_t> weight(bins.count());
  std::vector<double> sum(bins.count());
  const auto weights = weights_by_square(shape);
  for (std::size_t square = 1; square < weights.size(); ++square) {
    const std::int32_t bin = bins.bin_of(static_cast<std::int64_t>(square));
    if (bin < 0) continue;
    weight[static_cast<std::size_t>(bin)] += weights[square];
    sum[static_cast<std::size_t>(bin)] += static_cast<double>(weights[square]) * std::sqrt(static_cast<double>(square));
  }
  BinModes modes;
  for (std::size_t bin = 0; bin < bins.count(); ++bin) {
    modes.count.push_back(weight[bin] / 2);
    modes.mean_k.push_back(weight[bin] == 0 ? 0.0 : shape.fundamental() * sum[bin] / static_cast<double>(weight[bin]));
  }
  return modes;
}

}  // namespace phiscope
