#pragma once
#include <span>
#include <vector>

#include "phiscope/data/item_store.hpp"
#include "phiscope/data/normalisation.hpp"
#include "phiscope/data/sampler.hpp"
#include "phiscope/learning/task.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// How the number that a task explains (a logit, a mean: Task::explain) changes with each cell of one item. Means over
/// the coverings of the item by samples: the three slicings, or the cube or its tiling itself. A row has a value for
/// each column.
struct SaliencyMaps {
  std::vector<float> signed_map;    ///< ∂number/∂input, summed over the channels
  std::vector<float> absolute_map;  ///< |∂number/∂input| (Euclidean over the channels)
};

/// Gradient saliency (Simonyan, Vedaldi & Zisserman 2014, "Deep inside convolutional networks", eq. 3 ff.) of every
/// scored sample of an item, assembled into cubes. Per standard deviation of the network's input. Collective: the
/// samples are shared out over the ranks; the result does not depend on their number.
SaliencyMaps gradient_saliency(const Communicator& ranks, ItemStore& store, const Normalisation& normalisation,
                               const Sampler& sampler, const Task& task, neural::Network& network, const Item& item);

}  // namespace phiscope
