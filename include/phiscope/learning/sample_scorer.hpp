#pragma once
#include <optional>
#include <span>
#include <vector>

#include "phiscope/data/cube_store.hpp"
#include "phiscope/data/normalisation.hpp"
#include "phiscope/data/sampler.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// Collective: the network's logit for every scored sample of every run, shared out over the ranks: runs ×
/// sampler.scored() values, ordered by run and index; the same bits for any number of ranks. Throws AgreedError for a
/// bad cube or a network that gives more than one value for a sample, StoppedOnRequest when a stop was requested.
std::vector<float> sample_logits(const Communicator& ranks, CubeStore& store, const Normalisation& normalisation,
                                 const Sampler& sampler, neural::Network& network, std::span<const LabelledRun> runs);

/// The output that all samples got, as far as float32 tells; nothing where two of them differ, or one is not finite.
/// A network of more than one sample that has such an output has learnt nothing that depends on its input.
std::optional<float> same_output(std::span<const float> logits);

}  // namespace phiscope
