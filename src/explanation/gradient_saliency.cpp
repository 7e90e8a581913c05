#include "phiscope/explanation/gradient_saliency.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "phiscope/base/memory.hpp"
#include "phiscope/data/cube_cut.hpp"
#include "phiscope/parallel/agreement.hpp"

namespace phiscope {

SaliencyMaps gradient_saliency(const Communicator& ranks, ItemStore& store, const Normalisation& normalisation,
                               const Sampler& sampler, const Task& task, neural::Network& network, const Item& item) {
  const ItemShape& shape = store.shape();
  const auto cells = static_cast<std::size_t>(shape.is_row() ? shape.channels : shape.cells());
  const auto values = static_cast<std::size_t>(sampler.shape().values());
  const std::int64_t batch = network.batch();
  const std::int64_t in_covering = sampler.scored() / sampler.coverings();

  // One cube of gradients per covering: each sample is one rank's and zero elsewhere, so the sums over ranks are exact.
  std::vector<std::vector<float>> gradients;
  SaliencyMaps maps;
  together(ranks, [&] {
    const auto coverings = static_cast<std::size_t>(sampler.coverings());
    require_memory((coverings * shape.values() + 2 * cells) * sizeof(float), "the gradients of a run, on every rank,",
                   "use fewer ranks on this node");
    gradients.assign(coverings, std::vector<float>(shape.values()));
    maps = {std::vector<float>(cells), std::vector<float>(cells)};
    std::vector<float> samples(values * static_cast<std::size_t>(batch)), gradient(samples.size());
    const auto outputs = static_cast<std::size_t>(network.outputs());
    std::vector<float> explained(static_cast<std::size_t>(batch) * outputs);
    const auto place = [&](std::vector<float>& all, std::int64_t i) {
      return std::span<float>(all).subspan(static_cast<std::size_t>(i) * values, values);
    };
    const auto cube = store.get(item.id);
    for (std::int64_t first = ranks.rank() * batch; first < sampler.scored(); first += ranks.size() * batch) {
      const std::int64_t count = std::min(batch, sampler.scored() - first);
      for (std::int64_t i = 0; i < count; ++i)
        cut_box(*cube, shape, sampler.scored_cut(first + i), normalisation, place(samples, i));
      const auto rows = network.forward(samples, {});
      std::fill(explained.begin(), explained.end(), 0.0F);
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
        task.explain(item, rows.subspan(i * outputs, outputs),
                     std::span<float>(explained).subspan(i * outputs, outputs));
      network.backward(explained, gradient, neural::Wanted::input_gradient_only);
      for (std::int64_t i = 0; i < count; ++i)
        add_box(place(gradient, i), shape, sampler.scored_cut(first + i),
                gradients[static_cast<std::size_t>((first + i) / in_covering)]);
    }
  });
  const float share = 1.0F / static_cast<float>(gradients.size());
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

}  // namespace phiscope
