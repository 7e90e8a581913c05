#pragma once
#include <span>
#include <vector>

#include "phiscope/data/item_store.hpp"
#include "phiscope/data/normalisation.hpp"
#include "phiscope/data/sampler.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// How the logit of the samples of one run changes with each cell, n³ values each. Means over the coverings of the run
/// by samples: the three slicings, or the cube or its tiling itself. A vector of band powers has a value for each band.
struct SaliencyMaps {
  std::vector<float> signed_map;    ///< ∂logit/∂input, summed over the channels
  std::vector<float> absolute_map;  ///< |∂logit/∂input| (Euclidean over the channels)
};

/// Gradient saliency (Simonyan, Vedaldi & Zisserman 2014, "Deep inside convolutional networks", eq. 3 ff.) of every
/// scored sample of a run, assembled into cubes. In logits per standard deviation of the network's
/// input. Collective: the samples are shared out over the ranks; the result does not depend on their number.
SaliencyMaps gradient_saliency(const Communicator& ranks, ItemStore& store, const Normalisation& normalisation,
                               const Sampler& sampler, neural::Network& network, const Item& item);

}  // namespace phiscope
