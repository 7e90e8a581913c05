#include "phiscope/learning/slice_scorer.hpp"

#include <algorithm>

#include "phiscope/learning/slice_cut.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {

void for_each_slice_batch(CubeStore& store, const Normalisation& normalisation, const LabelledRun& run,
                          std::int64_t batch,
                          const std::function<void(std::int64_t, std::int64_t, std::span<const float>)>& use) {
  const auto& transform = store.transform();
  const std::int64_t n = transform.n();
  const auto cube = store.get(run.seed, run.gravity);
  const auto values = static_cast<std::size_t>(transform.channels() * n * n);
  std::vector<float> slices(values * static_cast<std::size_t>(batch));
  for (std::int64_t first = 0; first < 3 * n; first += batch) {
    const std::int64_t count = std::min(batch, 3 * n - first);
    for (std::int64_t i = 0; i < count; ++i) {
      const auto slice = std::span<float>(slices).subspan(static_cast<std::size_t>(i) * values, values);
      cut_slice(*cube, transform.channels(), n, static_cast<int>((first + i) / n), (first + i) % n,
                transform.vector_channels(), slice);
      normalisation.apply(slice);
    }
    std::fill(slices.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(count) * values), slices.end(),
              0.0F);
    use(first, count, slices);
  }
}

std::vector<float> slice_logits(const Communicator& ranks, CubeStore& store, const Normalisation& normalisation,
                                neural::Network& network, std::span<const LabelledRun> runs) {
  const auto slices = static_cast<std::size_t>(3 * store.transform().n());
  // Each run is scored by one rank and zero elsewhere, so the sum over ranks is exact.
  std::vector<float> logits(runs.size() * slices, 0.0F);
  together(ranks, [&] {
    const auto stride = static_cast<std::size_t>(ranks.size());
    for (std::size_t run = static_cast<std::size_t>(ranks.rank()); run < runs.size(); run += stride) {
      if (run + stride < runs.size()) store.prefetch(runs[run + stride].seed, runs[run + stride].gravity);
      for_each_slice_batch(store, normalisation, runs[run], network.batch(),
                           [&](std::int64_t first, std::int64_t count, std::span<const float> input) {
                             const auto scores = network.forward(input, {});
                             std::copy_n(scores.begin(), count,
                                         logits.begin() + static_cast<std::ptrdiff_t>(run * slices) + first);
                           });
    }
  });
  ranks.sum_in_place(std::span<float>(logits));
  return logits;
}

}  // namespace phiscope
