#pragma once
#include <span>
#include <vector>

#include "phiscope/learning/cube_store.hpp"
#include "phiscope/learning/normalisation.hpp"
#include "phiscope/learning/sampler.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// Collective: the network's logit for every scored sample of every run, shared out over the ranks: runs ×
/// sampler.scored() values, ordered by run and index; the same bits for any number of ranks. Throws AgreedError for a
/// bad cube, StoppedOnRequest when a stop was requested.
std::vector<float> sample_logits(const Communicator& ranks, CubeStore& store, const Normalisation& normalisation,
                                 const Sampler& sampler, neural::Network& network, std::span<const LabelledRun> runs);

}  // namespace phiscope
