#include "phiscope/data/normalisation.hpp"

#include <algorithm>
#include <cmath>

#include "phiscope/base/error.hpp"
#include "phiscope/data/item_sharing.hpp"

namespace phiscope {

void Normalisation::apply(std::span<float> values) const {
  const std::size_t cells = values.size() / mean.size();
  for (std::size_t channel = 0; channel < mean.size(); ++channel) {
    const auto shift = static_cast<float>(mean[channel]);
    const auto scale = static_cast<float>(1.0 / standard_deviation[channel]);
    for (auto& value : values.subspan(channel * cells, cells)) value = (value - shift) * scale;
  }
}

namespace {

/// Throws AgreedError for a channel that does not vary: the values are the same on all ranks.
void require_variation(const ValueSummary& values, std::size_t channel, const ChannelScaling& how) {
  if (values.variance > 0 && values.highest > values.lowest) return;
  if (how.scaling.empty())
    throw AgreedError(
        "the training cubes do not vary: after the transform every value is the same; check "
        "dataset.transform and the files under simulations.root");
  const auto name = how.names.empty() ? fmt::format("channel {} of the inputs", channel)
                                      : fmt::format("the column '{}'", how.names[channel]);
  throw AgreedError(fmt::format("{} does not vary: every training item has {}; leave it out", name, values.lowest));
}

}  // namespace

Normalisation measure_normalisation(const Communicator& ranks, ItemStore& store, std::span<const Item> items,
                                    const ChannelScaling& how) {
  const auto channels = static_cast<std::size_t>(store.shape().channels);
  // Of every run and channel: filled by one rank each, so the sum over ranks is exact.
  constexpr std::size_t kept = 4;
  std::vector<double> moments(items.size() * channels * kept, 0.0);
  share_items(ranks, store, items, [&](std::size_t run, const std::vector<float>& cube) {
    const std::size_t cells = cube.size() / channels;
    for (std::size_t channel = 0; channel < channels; ++channel) {
      double sum = 0, squares = 0;
      float lowest = cube[channel * cells], highest = lowest;
      for (std::size_t i = channel * cells; i < (channel + 1) * cells; ++i) {
        sum += cube[i];
        lowest = std::min(lowest, cube[i]);
        highest = std::max(highest, cube[i]);
      }
      const double mean = sum / static_cast<double>(cells);
      // About the mean: numbers far from 0 keep their digits.
      for (std::size_t i = channel * cells; i < (channel + 1) * cells; ++i)
        squares += (cube[i] - mean) * (cube[i] - mean);
      double* const out = &moments[(run * channels + channel) * kept];
      out[0] = mean;
      out[1] = squares / static_cast<double>(cells);
      out[2] = lowest;
      out[3] = highest;
    }
  });
  ranks.sum_in_place(std::span<double>(moments));

  std::vector<ValueSummary> all(channels);
  for (std::size_t run = 0; run < items.size(); ++run)
    for (std::size_t channel = 0; channel < channels; ++channel) {
      const double* const of_run = &moments[(run * channels + channel) * kept];
      ValueSummary& values = all[channel];
      values.mean += of_run[0] / static_cast<double>(items.size());
      values.lowest = run == 0 ? of_run[2] : std::min(values.lowest, of_run[2]);
      values.highest = run == 0 ? of_run[3] : std::max(values.highest, of_run[3]);
    }
  if (store.shape().vector_channels)
    for (auto& values : all) values.mean = 0.0;
  for (std::size_t run = 0; run < items.size(); ++run)
    for (std::size_t channel = 0; channel < channels; ++channel) {
      const double* const of_run = &moments[(run * channels + channel) * kept];
      const double distance = of_run[0] - all[channel].mean;
      all[channel].variance += (of_run[1] + distance * distance) / static_cast<double>(items.size());
    }
  if (store.shape().vector_channels)
    for (std::size_t first = 0; first < channels; first += 3) {
      const double variance = (all[first].variance + all[first + 1].variance + all[first + 2].variance) / 3.0;
      for (std::size_t channel = first; channel < first + 3; ++channel) all[channel].variance = variance;
    }
  Normalisation result{std::vector<double>(channels), std::vector<double>(channels)};
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const ValueSummary& values = all[channel];
    require_variation(values, channel, how);
    const auto [shift, scale] = shift_and_scale(how.scaling.empty() ? Scaling::standard : how.scaling[channel], values);
    result.mean[channel] = shift;
    result.standard_deviation[channel] = scale;
  }
  return result;
}

}  // namespace phiscope
