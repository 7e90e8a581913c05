#include "phiscope/learning/slice_scorer.hpp"

#include <algorithm>

#include "phiscope/learning/run_sharing.hpp"
#include "phiscope/learning/slice_cut.hpp"

namespace phiscope {

void for_each_slice_batch(const CubeTransform& transform, const Normalisation& normalisation,
                          const std::vector<float>& cube, std::int64_t batch, BatchShare share,
                          const std::function<void(std::int64_t, std::int64_t, std::span<const float>)>& use) {
  const std::int64_t n = transform.n();
  const auto values = static_cast<std::size_t>(transform.channels() * n * n);
  std::vector<float> slices(values * static_cast<std::size_t>(batch));
  for (std::int64_t first = share.which * batch; first < 3 * n; first += share.of * batch) {
    const std::int64_t end = std::min(first + batch, 3 * n);
    // Neighbouring slices of one axis are cut together: along the last axis they share cache lines.
    for (std::int64_t slice = first; slice < end;) {
      const std::int64_t axis = slice / n;
      const std::int64_t count = std::min(end, (axis + 1) * n) - slice;
      cut_slices(cube, transform.channels(), n, static_cast<int>(axis), slice % n, count, transform.vector_channels(),
                 std::span<float>(slices).subspan(static_cast<std::size_t>(slice - first) * values,
                                                  static_cast<std::size_t>(count) * values));
      slice += count;
    }
    const auto used = static_cast<std::size_t>(end - first);
    for (std::size_t i = 0; i < used; ++i) normalisation.apply(std::span<float>(slices).subspan(i * values, values));
    std::fill(slices.begin() + static_cast<std::ptrdiff_t>(used * values), slices.end(), 0.0F);
    use(first, end - first, slices);
  }
}

std::vector<float> slice_logits(const Communicator& ranks, CubeStore& store, const Normalisation& normalisation,
                                neural::Network& network, std::span<const LabelledRun> runs) {
  const auto slices = static_cast<std::size_t>(3 * store.transform().n());
  // Each run is scored by one rank and zero elsewhere, so the sum over ranks is exact.
  std::vector<float> logits(runs.size() * slices, 0.0F);
  share_runs(ranks, store, runs, [&](std::size_t run, const std::vector<float>& cube) {
    for_each_slice_batch(store.transform(), normalisation, cube, network.batch(), {},
                         [&](std::int64_t first, std::int64_t count, std::span<const float> input) {
                           const auto scores = network.forward(input, {});
                           std::copy_n(scores.begin(), count,
                                       logits.begin() + static_cast<std::ptrdiff_t>(run * slices) + first);
                         });
  });
  ranks.sum_in_place(std::span<float>(logits));
  return logits;
}

}  // namespace phiscope
