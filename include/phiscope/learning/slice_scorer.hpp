#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "phiscope/learning/cube_store.hpp"
#include "phiscope/learning/normalisation.hpp"
#include "phiscope/neural/network.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// Collective: the network's logit for every slice of every run, shared out over the ranks by run: runs × 3 × n
/// values, ordered by run, data axis and index; the same bits for any number of ranks. Throws AgreedError for a bad
/// cube, StoppedOnRequest when a stop was requested.
std::vector<float> slice_logits(const Communicator& ranks, CubeStore& store, const Normalisation& normalisation,
                                neural::Network& network, std::span<const LabelledRun> runs);

/// Which of the batches of a cube's slices: number `which`, `which + of`, … The default is all of them.
struct BatchShare {
  std::int64_t which = 0, of = 1;
};

/// Calls `use(first, count, slices)` for the normalised slices of one cube in batches of at most `batch` slices, in
/// the order of slice_logits(); `slices` is room for `batch` slices, zero beyond the count.
void for_each_slice_batch(
    const CubeTransform& transform, const Normalisation& normalisation, const std::vector<float>& cube,
    std::int64_t batch, BatchShare share,
    const std::function<void(std::int64_t first, std::int64_t count, std::span<const float> slices)>& use);

}  // namespace phiscope
