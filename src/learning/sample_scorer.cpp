#include "phiscope/learning/sample_scorer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "phiscope/base/error.hpp"
#include "phiscope/data/run_sharing.hpp"

namespace phiscope {

std::vector<float> sample_logits(const Communicator& ranks, CubeStore& store, const Normalisation& normalisation,
                                 const Sampler& sampler, neural::Network& network, std::span<const LabelledRun> runs) {
  if (network.outputs() != 1)
    throw AgreedError(fmt::format("the network gives {} values for a sample, expected one logit", network.outputs()));
  const auto scored = static_cast<std::size_t>(sampler.scored());
  const auto batch = static_cast<std::size_t>(network.batch());
  const auto values = static_cast<std::size_t>(sampler.shape().values());
  // Runs of few samples fill a batch together: always the same ones, whatever the number of ranks.
  const std::size_t group = std::max<std::size_t>(1, batch / scored);
  // Each run is scored by one rank and zero elsewhere, so the sum over ranks is exact.
  std::vector<float> logits(runs.size() * scored, 0.0F);
  std::vector<float> samples(batch * values);
  std::size_t filled = 0;
  const auto score = [&](std::size_t end) {
    std::fill(samples.begin() + static_cast<std::ptrdiff_t>(filled * values), samples.end(), 0.0F);
    const auto scores = network.forward(samples, {});
    std::copy_n(scores.begin(), filled, logits.begin() + static_cast<std::ptrdiff_t>(end - filled));
    filled = 0;
  };
  share_runs(
      ranks, store, runs,
      [&](std::size_t run, const std::vector<float>& cube) {
        for (std::size_t i = 0; i < scored; ++i) {
          cut_box(cube, store.shape(), sampler.scored_cut(static_cast<std::int64_t>(i)), normalisation,
                  std::span<float>(samples).subspan(filled++ * values, values));
          const bool last = i + 1 == scored && ((run + 1) % group == 0 || run + 1 == runs.size());
          if (filled == batch || last) score(run * scored + i + 1);
        }
      },
      group);
  ranks.sum_in_place(std::span<float>(logits));
  return logits;
}

std::optional<float> same_output(std::span<const float> logits) {
  if (logits.size() < 2) return std::nullopt;
  float lowest = logits.front(), highest = logits.front();
  for (const float logit : logits) {
    if (!std::isfinite(logit)) return std::nullopt;
    lowest = std::min(lowest, logit);
    highest = std::max(highest, logit);
  }
  constexpr float rounding = 8 * std::numeric_limits<float>::epsilon();
  if (highest - lowest > rounding * std::max(std::abs(lowest), std::abs(highest))) return std::nullopt;
  return logits.front();
}

}  // namespace phiscope
