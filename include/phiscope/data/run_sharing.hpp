#pragma once
#include <cstddef>
#include <functional>
#include <span>

#include "phiscope/data/cube_store.hpp"
#include "phiscope/data/dataset_settings.hpp"
#include "phiscope/parallel/communicator.hpp"

namespace phiscope {

/// Collective: calls work(i, cube) on one rank for each run i, its transformed cube read ahead. The runs go to the
/// ranks in groups of `group` that stay together, in order. `work` must not communicate. Throws AgreedError for a bad
/// cube, and StoppedOnRequest on all ranks when any was asked to stop.
void share_runs(const Communicator& ranks, CubeStore& store, std::span<const LabelledRun> runs,
                const std::function<void(std::size_t run, const std::vector<float>& cube)>& work,
                std::size_t group = 1);

}  // namespace phiscope
