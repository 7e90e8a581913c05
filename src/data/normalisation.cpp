#include "phiscope/data/normalisation.hpp"

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

Normalisation measure_normalisation(const Communicator& ranks, ItemStore& store, std::span<const Item> items) {
  const auto channels = static_cast<std::size_t>(store.shape().channels);
  // Mean and mean square of every run and channel: filled by one rank each, so the sum over ranks is exact.
  std::vector<double> moments(items.size() * channels * 2, 0.0);
  share_items(ranks, store, items, [&](std::size_t run, const std::vector<float>& cube) {
    const std::size_t cells = cube.size() / channels;
    for (std::size_t channel = 0; channel < channels; ++channel) {
      double sum = 0, squares = 0;
      for (std::size_t i = channel * cells; i < (channel + 1) * cells; ++i) {
        const double value = cube[i];
        sum += value;
        squares += value * value;
      }
      moments[(run * channels + channel) * 2] = sum / static_cast<double>(cells);
      moments[(run * channels + channel) * 2 + 1] = squares / static_cast<double>(cells);
    }
  });
  ranks.sum_in_place(std::span<double>(moments));

  Normalisation result{std::vector<double>(channels), std::vector<double>(channels)};
  std::vector<double> squares(channels);
  for (std::size_t run = 0; run < items.size(); ++run)
    for (std::size_t channel = 0; channel < channels; ++channel) {
      result.mean[channel] += moments[(run * channels + channel) * 2] / static_cast<double>(items.size());
      squares[channel] += moments[(run * channels + channel) * 2 + 1] / static_cast<double>(items.size());
    }
  if (store.shape().vector_channels) {
    const double mean_square = (squares[0] + squares[1] + squares[2]) / 3.0;
    result.mean.assign(channels, 0.0);
    squares.assign(channels, mean_square);
  }
  for (std::size_t channel = 0; channel < channels; ++channel) {
    const double variance = squares[channel] - result.mean[channel] * result.mean[channel];
    if (!(variance > 0))
      throw AgreedError(
          "the training cubes do not vary: after the transform every value is the same; check "
          "dataset.transform and the files under simulations.root");
    result.standard_deviation[channel] = std::sqrt(variance);
  }
  return result;
}

}  // namespace phiscope
