#include "phiscope/learning/sample_scorer.hpp"

#include <algorithm>

#include "phiscope/learning/run_sharing.hpp"

namespace phiscope {

std::vector<float> sample_logits(const Communicator& ranks, CubeStore& store, const Normalisation& normalisation,
                                 const Sampler& sampler, neural::Network& network, std::span<const LabelledRun> runs) {
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

}  // namespace phiscope
