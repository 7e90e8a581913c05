#include "phiscope/learning/sample_scorer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "phiscope/base/error.hpp"
#include "phiscope/data/item_sharing.hpp"

namespace phiscope {

std::vector<float> sample_outputs(const Communicator& ranks, ItemStore& store, const Normalisation& normalisation,
                                  const Sampler& sampler, neural::Network& network, std::span<const Item> items) {
  const auto scored = static_cast<std::size_t>(sampler.scored());
  const auto batch = static_cast<std::size_t>(network.batch());
  const auto values = static_cast<std::size_t>(sampler.shape().values());
  const auto width = static_cast<std::size_t>(network.outputs());
  // Items of few samples fill a batch together: always the same ones, whatever the number of ranks.
  const std::size_t group = std::max<std::size_t>(1, batch / scored);
  // Each item is scored by one rank and zero elsewhere, so the sum over ranks is exact.
  std::vector<float> outputs(items.size() * scored * width, 0.0F);
  std::vector<float> samples(batch * values);
  std::size_t filled = 0;
  const auto score = [&](std::size_t end) {
    std::fill(samples.begin() + static_cast<std::ptrdiff_t>(filled * values), samples.end(), 0.0F);
    const auto rows = network.forward(samples, {});
    std::copy_n(rows.begin(), filled * width, outputs.begin() + static_cast<std::ptrdiff_t>((end - filled) * width));
    filled = 0;
  };
  share_items(
      ranks, store, items,
      [&](std::size_t item, const std::vector<float>& whole) {
        for (std::size_t i = 0; i < scored; ++i) {
          cut_box(whole, store.shape(), sampler.scored_cut(static_cast<std::int64_t>(i)), normalisation,
                  std::span<float>(samples).subspan(filled++ * values, values));
          const bool last = i + 1 == scored && ((item + 1) % group == 0 || item + 1 == items.size());
          if (filled == batch || last) score(item * scored + i + 1);
        }
      },
      group);
  ranks.sum_in_place(std::span<float>(outputs));
  return outputs;
}

std::optional<float> same_output(std::span<const float> rows, std::int64_t outputs) {
  const auto width = static_cast<std::size_t>(outputs);
  if (rows.size() < 2 * width) return std::nullopt;
  constexpr float rounding = 8 * std::numeric_limits<float>::epsilon();
  for (std::size_t column = 0; column < width; ++column) {
    float lowest = rows[column], highest = rows[column];
    for (std::size_t i = column; i < rows.size(); i += width) {
      if (!std::isfinite(rows[i])) return std::nullopt;
      lowest = std::min(lowest, rows[i]);
      highest = std::max(highest, rows[i]);
    }
    if (highest - lowest > rounding * std::max(std::abs(lowest), std::abs(highest))) return std::nullopt;
  }
  return rows.front();
}

}  // namespace phiscope
