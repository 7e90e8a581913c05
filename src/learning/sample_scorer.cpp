#include "phiscope/learning/sample_scorer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "phiscope/base/error.hpp"
#include "phiscope/data/item_sharing.hpp"

namespace phiscope {

namespace {

/// The outputs of all scored samples; into `targets` and `inputs`, unless they are empty, the fields that were to be
/// given, and what the network saw.
std::vector<float> score_all(const Communicator& ranks, ItemStore& store, const Normalisation& normalisation,
                             const Sampler& sampler, neural::Network& network, std::span<const Item> items,
                             std::span<float> targets, std::span<float> inputs) {
  const auto scored = static_cast<std::size_t>(sampler.scored());
  const auto batch = static_cast<std::size_t>(network.batch());
  const auto values = static_cast<std::size_t>(sampler.shape().values());
  const auto width = static_cast<std::size_t>(network.outputs());
  const std::size_t target_width = targets.size() / std::max<std::size_t>(1, items.size() * scored);
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
          const CubeCut cut = sampler.scored_cut(static_cast<std::int64_t>(i));
          cut_box(whole, store.shape(), cut, normalisation,
                  std::span<float>(samples).subspan(filled++ * values, values));
          if (!targets.empty())
            cut_target(whole, store.shape(), cut, normalisation,
                       targets.subspan((item * scored + i) * target_width, target_width));
          if (!inputs.empty())
            cut_box(whole, store.shape(), cut, normalisation, inputs.subspan((item * scored + i) * values, values));
          const bool last = i + 1 == scored && ((item + 1) % group == 0 || item + 1 == items.size());
          if (filled == batch || last) score(item * scored + i + 1);
        }
      },
      group);
  ranks.sum_in_place(std::span<float>(outputs));
  ranks.sum_in_place(targets);
  ranks.sum_in_place(inputs);
  return outputs;
}

}  // namespace

std::vector<float> sample_outputs(const Communicator& ranks, ItemStore& store, const Normalisation& normalisation,
                                  const Sampler& sampler, neural::Network& network, std::span<const Item> items) {
  return score_all(ranks, store, normalisation, sampler, network, items, {}, {});
}

SampleRows sample_rows(const Communicator& ranks, ItemStore& store, const Normalisation& normalisation,
                       const Sampler& sampler, const Targets& targets, neural::Network& network,
                       std::span<const Item> items, bool with_inputs) {
  SampleRows rows;
  const std::size_t samples = items.size() * static_cast<std::size_t>(sampler.scored());
  if (!targets.are_fields()) {
    rows.outputs = score_all(ranks, store, normalisation, sampler, network, items, {}, {});
    rows.targets = targets_of(targets, items, sampler.scored());
    return rows;
  }
  rows.targets.assign(samples * static_cast<std::size_t>(targets.values()), 0.0F);
  if (with_inputs) rows.inputs.assign(samples * static_cast<std::size_t>(sampler.shape().values()), 0.0F);
  rows.outputs = score_all(ranks, store, normalisation, sampler, network, items, rows.targets, rows.inputs);
  return rows;
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
