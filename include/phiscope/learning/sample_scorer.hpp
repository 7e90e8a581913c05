#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "phiscope/data/item_store.hpp"
#include "phiscope/data/normalisation.hpp"
#include "phiscope/data/sampler.hpp"
#include "phiscope/learning/targets.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// Collective: what the network gives for every scored sample of every item, shared out over the ranks: items ×
/// sampler.scored() × network.outputs() values; the same bits for any number of ranks. Throws AgreedError for a bad
/// item, StoppedOnRequest when a stop was requested.
std::vector<float> sample_outputs(const Communicator& ranks, ItemStore& store, const Normalisation& normalisation,
                                  const Sampler& sampler, neural::Network& network, std::span<const Item> items);

/// What a network gives for samples, and what it was to give, both with a row for each.
struct SampleRows {
  std::vector<float> outputs, targets;
  std::vector<float> inputs;  ///< of fields
};

/// Collective: the same with the targets of these samples, as the loss takes them. Fields are normalised, and come with
/// the inputs where that is asked for.
SampleRows sample_rows(const Communicator& ranks, ItemStore& store, const Normalisation& normalisation,
                       const Sampler& sampler, const Targets& targets, neural::Network& network,
                       std::span<const Item> items, bool with_inputs = false);

/// What all samples got, rows of `outputs` values, as far as float32 tells; nothing where two rows differ, or a value
/// is not finite. A network of more than one sample that gives such a row has learnt nothing that depends on its input.
/// The first value of it.
std::optional<float> same_output(std::span<const float> rows, std::int64_t outputs = 1);

}  // namespace phiscope
