#include "phiscope/explanation/gradient_saliency.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "phiscope/learning/slice_cut.hpp"
#include "phiscope/learning/slice_scorer.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {

SaliencyMaps gradient_saliency(const Communicator& ranks, CubeStore& store, const Normalisation& normalisation,
                               neural::Network& network, const LabelledRun& run) {
  const auto& transform = store.transform();
  const std::int64_t n = transform.n();
  const std::int64_t channels = transform.channels();
  const auto cells = static_cast<std::size_t>(n * n * n);
  const auto slice_values = static_cast<std::size_t>(channels * n * n);
  const std::int64_t batch = network.batch();

  // One cube of gradients per slicing: each slice is one rank's and zero elsewhere, so the sums over ranks are exact.
  std::vector<std::vector<float>> gradients(3, std::vector<float>(cells * static_cast<std::size_t>(channels)));
  together(ranks, [&] {
    std::vector<float> gradient(slice_values * static_cast<std::size_t>(batch));
    const std::vector<float> ones(static_cast<std::size_t>(batch), 1.0F);
    const auto cube = store.get(run.seed, run.gravity);
    for_each_slice_batch(transform, normalisation, *cube, batch, {ranks.rank(), ranks.size()},
                         [&](std::int64_t first, std::int64_t count, std::span<const float> slices) {
                           network.forward(slices, {});
                           network.backward(ones, gradient, neural::Wanted::input_gradient_only);
                           for (std::int64_t i = 0; i < count; ++i) {
                             const auto axis = static_cast<std::size_t>((first + i) / n);
                             const auto slice = std::span<const float>(gradient).subspan(
                                 static_cast<std::size_t>(i) * slice_values, slice_values);
                             add_slice(slice, channels, n, static_cast<int>(axis), (first + i) % n,
                                       transform.vector_channels(), gradients[axis]);
                           }
                         });
  });
  SaliencyMaps maps{std::vector<float>(cells), std::vector<float>(cells)};
  for (auto& cube : gradients) {
    ranks.sum_in_place(std::span<float>(cube));
    for (std::size_t cell = 0; cell < cells; ++cell) {
      float sum = 0, squares = 0;
      for (std::size_t channel = 0; channel < static_cast<std::size_t>(channels); ++channel) {
        const float value = cube[channel * cells + cell];
        sum += value;
        squares += value * value;
      }
      maps.signed_map[cell] += sum / 3.0F;
      maps.absolute_map[cell] += std::sqrt(squares) / 3.0F;
    }
  }
  return maps;
}

double rank_correlation(std::span<const float> a, std::span<const float> b) {
  const auto ranks_of = [](std::span<const float> values) {
    std::vector<std::uint32_t> order(values.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t i, std::uint32_t j) { return values[i] != values[j] ? values[i] < values[j] : i < j; });
    std::vector<double> rank(values.size());
    for (std::size_t place = 0; place < order.size(); ++place) rank[order[place]] = static_cast<double>(place);
    return rank;
  };
  const auto ranks_a = ranks_of(a), ranks_b = ranks_of(b);
  const auto size = static_cast<double>(a.size());
  double squares = 0;
  for (std::size_t i = 0; i < ranks_a.size(); ++i) squares += (ranks_a[i] - ranks_b[i]) * (ranks_a[i] - ranks_b[i]);
  return 1.0 - 6.0 * squares / (size * (size * size - 1.0));
}

}  // namespace phiscope
