#include "phiscope/explanation/gradient_saliency.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "phiscope/learning/cube_cut.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {

SaliencyMaps gradient_saliency(const Communicator& ranks, CubeStore& store, const Normalisation& normalisation,
                               const Sampler& sampler, neural::Network& network, const LabelledRun& run) {
  const RunShape& shape = store.shape();
  const auto cells = static_cast<std::size_t>(shape.is_vector() ? shape.channels : shape.cells());
  const auto values = static_cast<std::size_t>(sampler.shape().values());
  const std::int64_t batch = network.batch();
  const std::int64_t in_covering = sampler.scored() / sampler.coverings();

  // One cube of gradients per covering: each sample is one rank's and zero elsewhere, so the sums over ranks are exact.
  std::vector<std::vector<float>> gradients(static_cast<std::size_t>(sampler.coverings()),
                                            std::vector<float>(shape.values()));
  together(ranks, [&] {
    std::vector<float> samples(values * static_cast<std::size_t>(batch)), gradient(samples.size());
    const std::vector<float> ones(static_cast<std::size_t>(batch), 1.0F);
    const auto place = [&](std::vector<float>& all, std::int64_t i) {
      return std::span<float>(all).subspan(static_cast<std::size_t>(i) * values, values);
    };
    const auto cube = store.get(run.seed, run.gravity);
    for (std::int64_t first = ranks.rank() * batch; first < sampler.scored(); first += ranks.size() * batch) {
      const std::int64_t count = std::min(batch, sampler.scored() - first);
      for (std::int64_t i = 0; i < count; ++i)
        cut_box(*cube, shape, sampler.scored_cut(first + i), normalisation, place(samples, i));
      network.forward(samples, {});
      network.backward(ones, gradient, neural::Wanted::input_gradient_only);
      for (std::int64_t i = 0; i < count; ++i)
        add_box(place(gradient, i), shape, sampler.scored_cut(first + i),
                gradients[static_cast<std::size_t>((first + i) / in_covering)]);
    }
  });
  const float share = 1.0F / static_cast<float>(gradients.size());
  SaliencyMaps maps{std::vector<float>(cells), std::vector<float>(cells)};
  for (auto& cube : gradients) {
    ranks.sum_in_place(std::span<float>(cube));
    for (std::size_t cell = 0; cell < cells; ++cell) {
      float sum = 0, squares = 0;
      for (std::size_t channel = 0; channel < shape.values() / cells; ++channel) {
        const float value = cube[channel * cells + cell];
        sum += value;
        squares += value * value;
      }
      maps.signed_map[cell] += share * sum;
      maps.absolute_map[cell] += share * std::sqrt(squares);
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
